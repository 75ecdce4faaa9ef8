import type { ProgressReport, WorkerIdentity } from '../task-store.js';
import { toColumns } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

/** Writes what those runs whose claim is still held say of themselves. */
export const WRITE_PROGRESS: NamedStatement = {
  name: 'celeriac_write_progress',
  text: `
    WITH input AS (
      SELECT * FROM unnest($2::text[], $3::int[], $4::json[]) AS input(id, attempt, progress)
    ), held AS MATERIALIZED (
      SELECT task.id FROM task JOIN input ON input.id = task.id
      WHERE task.worker_id = $1 AND task.attempt = input.attempt AND task.state = 'STARTED'
      ORDER BY task.id FOR UPDATE OF task
    )
    UPDATE task SET progress = input.progress FROM input JOIN held USING (id)
    WHERE task.id = input.id
    RETURNING task.id`,
};

export function progressValues(worker: WorkerIdentity, reports: readonly ProgressReport[]): unknown[] {
  return [
    worker.id,
    ...toColumns(reports, [({ taskId }) => taskId, ({ attempt }) => attempt, ({ progress }) => progress]),
  ];
}
