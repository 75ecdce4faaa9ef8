import type { RoutedMessage } from '../task-store.js';

/**
 * Turns items into one array for each column, which is what `unnest($1::..., $2::...)` takes.
 *
 * @param getters - one for each column, in the statement's order
 */
export function toColumns<Item>(items: readonly Item[], getters: ReadonlyArray<(item: Item) => unknown>): unknown[][] {
  return getters.map((get) => items.map(get));
}

/** The four columns of a message, in the order exchange, routing_key, envelope, body. */
export function messageColumns<Item>(
  message: (item: Item) => RoutedMessage | null | undefined,
): ReadonlyArray<(item: Item) => unknown> {
  return [
    (item) => message(item)?.exchange ?? null,
    (item) => message(item)?.routingKey ?? null,
    (item) => toJson(message(item)?.envelope),
    (item) => message(item)?.body ?? null,
  ];
}

/** JSON text for a `json` column; null for what JSON cannot say. */
export function toJson(value: unknown): string | null {
  return value === undefined || value === null ? null : (JSON.stringify(value) ?? null);
}

/** The ids that a statement returned. */
export function idsOf(rows: ReadonlyArray<{ id: string }>): Set<string> {
  return new Set(rows.map(({ id }) => id));
}
