import type { NamedStatement } from './hot-connection.js';

/** Forgets some tasks whose time is over, with their attempts. Another process's are passed over. */
export const FORGET_ENDED: NamedStatement = {
  name: 'celeriac_forget_ended',
  text: `
    WITH over AS MATERIALIZED (
      SELECT id FROM task
      WHERE forget_after <= now() AND finished_at <= now() - retention_seconds * interval '1 second'
      ORDER BY forget_after LIMIT $1 FOR UPDATE SKIP LOCKED
    ), attempts AS (
      DELETE FROM task_attempt USING over WHERE task_attempt.task_id = over.id
    )
    DELETE FROM task USING over WHERE task.id = over.id RETURNING task.id`,
};
