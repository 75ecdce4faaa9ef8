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

/**
 * Why tasks wait, as far as the store knows. Which ones stand before a task is read off the ones that were sent right
 * before it, a bounded number ($2) of them: a queue hands its messages out in the order in which they came. Of a task
 * that has been in the queue before, nobody knows where it is.
 */
export const WAITS = `
  SELECT task.id AS "taskId", task.wait_reason AS "waitReason", task.due_at AS "dueAt",
    coalesce(task.due_at > now(), false) AS "isEarly",
    EXISTS (SELECT FROM outbox WHERE outbox.task_id = task.id AND outbox.generation = task.generation)
      AS "isUnpublished",
    task.is_elsewhere OR EXISTS (SELECT FROM worker WHERE lease_until > now()) AS "hasWorker",
    CASE WHEN task.generation = 0 THEN line.before END AS before, line.looked_at = $2 AS "isMore"
  FROM task CROSS JOIN LATERAL (
    SELECT count(*)::int AS looked_at, count(*) FILTER (
      WHERE earlier.state = 'PENDING' AND earlier.queue = task.queue AND earlier.wait_reason IS NULL
    )::int AS before
    FROM (
      SELECT state, queue, wait_reason FROM task AS earlier
      WHERE (earlier.created_at, earlier.id) < (task.created_at, task.id)
      ORDER BY earlier.created_at DESC, earlier.id DESC LIMIT $2
    ) AS earlier
  ) AS line
  WHERE task.id = ANY($1::text[]) AND task.state IN ('PENDING', 'RETRY')`;
