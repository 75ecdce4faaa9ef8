import type { NewTask } from '../task-store.js';
import { messageColumns, toColumns } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

/** What a statement that writes new tasks takes; further arrays begin at $16. */
export const ARRAYS = `$1::text[], $2::uuid[], $3::text[], $4::text[], $5::bool[], $6::timestamptz[], $7::float8[],
  $8::timestamptz[], $9::float8[], $10::float8[], $11::float8[], $12::text[], $13::text[], $14::json[], $15::bytea[]`;
export const NAMES = `id, outbox_id, name, queue, is_elsewhere, eta, countdown_ms, expires, expires_in_ms,
  retention_seconds, lease_ms, exchange, routing_key, envelope, body`;
export const TIMES = `coalesce(eta, now() + countdown_ms * interval '1 millisecond') AS scheduled_at,
  coalesce(expires, now() + expires_in_ms * interval '1 millisecond') AS expires_at`;

/**
 * The parts that write new tasks and, for each that was not there yet, its outbox row.
 *
 * @param from - `input`, or what of it may be written
 */
export function storing(from: string): string {
  return `
    stored AS (
      INSERT INTO task (id, name, state, wait_reason, due_at, queue, is_elsewhere, exchange, routing_key, envelope, body,
                        expires_at, retention_seconds, forget_after)
      SELECT id, name, 'PENDING', CASE WHEN scheduled_at IS NOT NULL THEN 'scheduled' END, scheduled_at, queue,
             is_elsewhere, exchange, routing_key, envelope, body, expires_at,
             retention_seconds, coalesce(scheduled_at, now()) + retention_seconds * interval '1 second'
      FROM ${from} ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING id
    ), sent AS (
      INSERT INTO outbox (id, task_id, generation, exchange, routing_key, envelope, body, due_at)
      SELECT outbox_id, id, 0, exchange, routing_key, envelope, body,
             coalesce(scheduled_at, now() + lease_ms * interval '1 millisecond')
      FROM input JOIN stored USING (id)
    )`;
}

/** Writes tasks. Returns the ids that were not there. */
export const ENQUEUE: NamedStatement = {
  name: 'celeriac_enqueue',
  text: `
    WITH input AS (SELECT *, ${TIMES} FROM unnest(${ARRAYS}) AS input(${NAMES})), ${storing('input')}
    SELECT id FROM stored`,
};

export function enqueueValues(tasks: readonly NewTask[]): unknown[] {
  return toColumns(tasks, [
    (task) => task.id,
    (task) => task.outboxId,
    (task) => task.name,
    (task) => task.queue,
    (task) => task.isElsewhere,
    (task) => task.eta,
    (task) => task.countdownMs,
    (task) => task.expiresAt,
    (task) => task.expiresInMs,
    (task) => task.retentionSeconds,
    (task) => task.leaseMs,
    ...messageColumns<NewTask>((task) => task.message),
  ]);
}
