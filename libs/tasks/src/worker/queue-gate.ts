/** Something that came from a queue. */
interface FromQueue {
  delivery: { queue: string };
}

/**
 * Has tasks of a queue wait, unclaimed, until one of its slots is free; the others need not wait for them.
 *
 * @param slots - how many tasks of a queue may run at a time; of one that is not in it, any number
 * @param active - what runs just now
 * @returns whether a task may be claimed; to be asked once for each, and made anew for each batch
 */
export function queueGate(
  slots: Readonly<Record<string, number>> = {},
  active: ReadonlyMap<string, FromQueue>,
): (call: FromQueue) => boolean {
  const free = new Map(Object.entries(slots));
  if (free.size === 0) return () => true;
  for (const { delivery } of active.values()) take(free, delivery.queue);
  return ({ delivery }) => take(free, delivery.queue);
}

function take(free: Map<string, number>, queue: string): boolean {
  const count = free.get(queue);
  if (count === undefined) return true;
  free.set(queue, count - 1);
  return count > 0;
}
