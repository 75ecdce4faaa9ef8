import type { ForeignResult } from '../result-store.js';
import { toColumns, toJson } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

export const RESULTS = `
  SELECT id AS "taskId", state, result, error, progress FROM task WHERE id = ANY($1::text[])`;

export const ATTEMPTS = `
  SELECT number, worker_name AS worker, started_at AS "startedAt", finished_at AS "finishedAt", outcome, error, log
  FROM task_attempt WHERE task_id = $1 ORDER BY number`;

export const FORGET: NamedStatement = {
  name: 'celeriac_forget',
  text: `
    WITH forgotten AS (
      UPDATE task SET
        envelope = '{"properties": {}, "headers": {}}', body = '', result = NULL, error = NULL, progress = NULL
      WHERE id = $1 AND state IN ('SUCCESS', 'FAILURE', 'REVOKED')
      RETURNING id
    ), attempts AS (
      UPDATE task_attempt SET error = NULL, log = NULL FROM forgotten WHERE task_attempt.task_id = forgotten.id
    )
    SELECT id FROM forgotten`,
};

/** A message of a task that a result has come for is done with, even if nobody could note that it was sent. */
export const SETTLE_FOREIGN: NamedStatement = {
  name: 'celeriac_settle_foreign',
  text: `
    WITH input AS (
      SELECT *, state IN ('SUCCESS', 'FAILURE', 'REVOKED') AS is_end
      FROM unnest($1::text[], $2::text[], $3::json[], $4::json[], $5::json[])
        AS input(id, state, result, error, progress)
    ), locked AS MATERIALIZED (
      SELECT task.id FROM task JOIN input USING (id)
      WHERE task.is_elsewhere AND task.attempt = 0 AND task.state IN ('PENDING', 'STARTED', 'RETRY')
      ORDER BY task.id FOR UPDATE OF task
    ), settled AS (
      UPDATE task SET
        state = input.state,
        result = input.result,
        error = input.error,
        progress = coalesce(input.progress, task.progress),
        wait_reason = NULL,
        due_at = NULL,
        started_at = CASE WHEN input.state = 'STARTED' AND task.state <> 'STARTED' THEN now() ELSE task.started_at END,
        finished_at = CASE WHEN input.is_end THEN now() END
      FROM input JOIN locked USING (id)
      WHERE task.id = input.id
      RETURNING task.id
    ), published AS (
      DELETE FROM outbox USING settled WHERE outbox.task_id = settled.id
    )
    SELECT id FROM input WHERE NOT EXISTS (SELECT FROM task WHERE task.id = input.id)`,
};

export function foreignResultValues(results: readonly ForeignResult[]): unknown[] {
  return toColumns(results, [
    (result) => result.taskId,
    (result) => result.state,
    (result) => toJson(result.result),
    (result) => toJson(result.error),
    (result) => toJson(result.progress),
  ]);
}
