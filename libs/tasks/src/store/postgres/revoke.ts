import type { NamedStatement } from './hot-connection.js';

/**
 * Revokes tasks. Those that wait are ended; a message of theirs that is under way finds them so. With `$2` the others
 * that have not ended are remembered: the claim ends what comes, and the worker of a run finds it when it next asks.
 * Between the two no task slips through: a claim that has not seen the row has made the run that is asked for.
 * Returns a {@link RevokedRow} for each task; the envelopes of those that were ended say who waits for their results,
 * and the bodies of those whose names are in `$4` what they were about.
 */
export const REVOKE: NamedStatement = {
  name: 'celeriac_revoke',
  text: `
    WITH locked AS MATERIALIZED (
      SELECT id, state, state IN ('PENDING', 'RETRY', 'STARTED') AND is_elsewhere AND attempt = 0
        AND NOT EXISTS (SELECT FROM outbox WHERE outbox.task_id = task.id) AS is_gone
      FROM task WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE
    ), revoked AS (
      UPDATE task SET state = 'REVOKED', finished_at = now(), wait_reason = NULL, due_at = NULL
      FROM locked WHERE task.id = locked.id AND locked.state IN ('PENDING', 'RETRY') AND NOT locked.is_gone
      RETURNING task.id, task.envelope, CASE WHEN task.name = ANY($4::text[]) THEN task.body END AS body
    ), gone AS (
      DELETE FROM outbox USING revoked WHERE outbox.task_id = revoked.id
    ), outcome AS (
      SELECT DISTINCT input.id, CASE
          WHEN locked.id IS NULL THEN 'unknown'
          WHEN locked.is_gone THEN 'elsewhere'
          WHEN locked.state IN ('PENDING', 'RETRY') THEN 'revoked'
          WHEN locked.state = 'STARTED' THEN 'running'
          ELSE 'ended'
        END AS outcome
      FROM unnest($1::text[]) AS input(id) LEFT JOIN locked ON locked.id = input.id
    ), remembered AS (
      INSERT INTO revoked_task (task_id, terminate)
      SELECT id, $3 FROM outcome WHERE $2 AND outcome IN ('running', 'elsewhere', 'unknown') ORDER BY id
      ON CONFLICT (task_id) DO UPDATE SET terminate = revoked_task.terminate OR excluded.terminate
    )
    SELECT id AS "taskId", outcome, envelope, body FROM outcome LEFT JOIN revoked USING (id)`,
};

/** Which of these tasks have been revoked. */
export const FIND_REVOKED: NamedStatement = {
  name: 'celeriac_find_revoked',
  text: `SELECT task_id AS "taskId", terminate FROM revoked_task WHERE task_id = ANY($1::text[])`,
};

/** Forgets revokes of 30 days ago. */
export const FORGET_REVOKES: NamedStatement = {
  name: 'celeriac_forget_revokes',
  text: `DELETE FROM revoked_task WHERE created_at < now() - interval '30 days'`,
};
