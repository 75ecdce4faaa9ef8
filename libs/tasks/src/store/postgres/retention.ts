import type { NamedStatement } from './hot-connection.js';

/** The earliest time at which a task that is made now may be forgotten. */
export const FORGET_AFTER = `now() + retention_seconds * interval '1 second'`;

/**
 * Forgets some tasks whose time is over, with their attempts. Another process's are passed over, and so are those that
 * hold a key: by how they ended it is seen whether that is free.
 */
export const FORGET_ENDED: NamedStatement = {
  name: 'celeriac_forget_ended',
  text: `
    WITH over AS MATERIALIZED (
      SELECT id FROM task
      WHERE forget_after <= now() AND finished_at <= now() - retention_seconds * interval '1 second'
        AND NOT EXISTS (SELECT FROM unique_task WHERE unique_task.task_id = task.id AND until > now())
      ORDER BY forget_after LIMIT $1 FOR UPDATE SKIP LOCKED
    ), attempts AS (
      DELETE FROM task_attempt USING over WHERE task_attempt.task_id = over.id
    )
    DELETE FROM task USING over WHERE task.id = over.id RETURNING task.id`,
};
