import type { NamedStatement } from './hot-connection.js';

/** So far the tasks before another one are counted. */
export const MOST_BEFORE = 500;

/** Makes tasks due at once that wait for a reason which has gone. */
export const WAKE: NamedStatement = {
  name: 'celeriac_wake',
  text: `
    UPDATE outbox SET due_at = now() FROM task
    WHERE task.id = outbox.task_id AND task.generation = outbox.generation
      AND task.wait_reason = $2 AND task.name = ANY($1::text[])`,
};

/** Ends tasks that wait. A message of theirs that is under way already finds them ended. */
export const REVOKE: NamedStatement = {
  name: 'celeriac_revoke',
  text: `
    WITH locked AS MATERIALIZED (
      SELECT id FROM task WHERE id = ANY($1::text[]) AND state IN ('PENDING', 'RETRY') ORDER BY id FOR UPDATE
    ), revoked AS (
      UPDATE task SET state = 'REVOKED', finished_at = now(), wait_reason = NULL, due_at = NULL
      FROM locked WHERE task.id = locked.id
      RETURNING task.id
    ), gone AS (
      DELETE FROM outbox USING revoked WHERE outbox.task_id = revoked.id
    )
    SELECT id FROM revoked`,
};

/**
 * Why tasks wait, as far as the store knows. Which ones stand before a task is read off the ones that were sent right
 * before it, a bounded number of them: a queue hands its messages out in the order in which they came.
 */
export const WAITS: NamedStatement = {
  name: 'celeriac_waits',
  text: `
    SELECT task.id AS "taskId", task.wait_reason AS "waitReason", task.due_at AS "dueAt",
      coalesce(task.due_at > now(), false) AS "isEarly",
      EXISTS (SELECT FROM outbox WHERE outbox.task_id = task.id AND outbox.generation = task.generation)
        AS "isUnpublished",
      EXISTS (SELECT FROM worker WHERE lease_until > now()) AS "hasWorker",
      (SELECT count(*)::int
       FROM (
         SELECT state, queue, wait_reason FROM task AS earlier WHERE earlier.created_at < task.created_at
         ORDER BY earlier.created_at DESC LIMIT ${MOST_BEFORE}
       ) AS earlier
       WHERE earlier.state = 'PENDING' AND earlier.queue = task.queue AND earlier.wait_reason IS NULL) AS before
    FROM task WHERE task.id = ANY($1::text[]) AND task.state IN ('PENDING', 'RETRY')`,
};
