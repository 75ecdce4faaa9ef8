import type { WaitReason } from '../task-store.js';
import type { HotConnection, NamedStatement } from './hot-connection.js';

const WAKE_BATCH = 1000;

/** Makes some tasks due at once that wait for a reason which has gone; they wait for nothing but their turn then. */
const WAKE: NamedStatement = {
  name: 'celeriac_wake',
  text: `
    WITH woken AS MATERIALIZED (
      SELECT task.id, outbox.id AS outbox_id
      FROM outbox JOIN task ON task.id = outbox.task_id AND task.generation = outbox.generation
      WHERE task.wait_reason = $2 AND task.name = ANY($1::text[])
      ORDER BY task.id LIMIT $3 FOR UPDATE OF task, outbox SKIP LOCKED
    ), free AS (
      UPDATE task SET wait_reason = NULL, due_at = NULL FROM woken WHERE task.id = woken.id
    )
    UPDATE outbox SET due_at = now() FROM woken WHERE outbox.id = woken.outbox_id
    RETURNING outbox.id`,
};

/** Wakes them some at a time: others have their turn on the connection in between. */
export async function wakeAll(
  connection: HotConnection,
  taskNames: readonly string[],
  waitReason: WaitReason,
  limit = Infinity,
): Promise<void> {
  for (let left = limit; left > 0;) {
    const size = Math.min(left, WAKE_BATCH);
    const woken = await connection.query(WAKE, [taskNames, waitReason, size]);
    left = woken.length < size ? 0 : left - size;
  }
}
