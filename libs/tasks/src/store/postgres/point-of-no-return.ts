import type { ClaimToken, WorkerIdentity } from '../task-store.js';
import { toColumns } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

/** Notes for those runs whose claim is still held that their effect can no longer be taken back. */
export const POINT_OF_NO_RETURN: NamedStatement = {
  name: 'celeriac_point_of_no_return',
  text: `
    WITH input AS (SELECT * FROM unnest($3::text[], $4::int[]) AS input(id, attempt)),
    held AS MATERIALIZED (
      SELECT task.id, task.attempt, task.started_at FROM task JOIN input ON input.id = task.id
      WHERE task.worker_id = $1 AND task.attempt = input.attempt AND task.state = 'STARTED'
      ORDER BY task.id FOR UPDATE OF task
    )
    INSERT INTO task_attempt (task_id, number, worker_id, worker_name, started_at, point_of_no_return_at)
    SELECT id, attempt, $1, $2, started_at, now() FROM held
    ON CONFLICT (task_id, number) DO UPDATE SET point_of_no_return_at = now()
    RETURNING task_id AS id`,
};

export function pointOfNoReturnValues(worker: WorkerIdentity, tokens: readonly ClaimToken[]): unknown[] {
  return [worker.id, worker.name, ...toColumns(tokens, [(token) => token.taskId, (token) => token.attempt])];
}
