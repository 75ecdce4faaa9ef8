import type { NewTask } from '../task-store.js';
import { toColumns } from './columns.js';
import { ARRAYS, enqueueValues, NAMES, storing, TIMES } from './enqueue.js';
import type { NamedStatement } from './hot-connection.js';

/**
 * Writes tasks whose key nobody holds. Of several with one key the first is written, here as between two producers:
 * who comes second waits at the key's row for the first one's commit, and then reads its newest version.
 *
 * A holder whose own row this statement's snapshot does not show has only just been written: it has not ended.
 */
export const ENQUEUE_UNIQUE: NamedStatement = {
  name: 'celeriac_enqueue_unique',
  text: `
    WITH input AS (
      SELECT *, ${TIMES}
      FROM unnest(${ARRAYS}, $16::bytea[], $17::float8[], $18::text[]) WITH ORDINALITY
        AS input(${NAMES}, key, unique_for_ms, end_states, place)
    ), ended AS MATERIALIZED (
      SELECT unique_task.key, unique_task.task_id
      FROM input JOIN unique_task USING (key) JOIN task ON task.id = unique_task.task_id
      WHERE task.state IN ('SUCCESS', 'FAILURE', 'REVOKED') AND task.state <> ALL (string_to_array(end_states, ','))
    ), held AS (
      INSERT INTO unique_task (key, task_id, until)
      SELECT DISTINCT ON (key) key, id, now() + unique_for_ms * interval '1 millisecond' FROM input ORDER BY key, place
      ON CONFLICT (key) DO UPDATE SET (task_id, until) = (
        SELECT CASE WHEN is_free THEN excluded.task_id ELSE unique_task.task_id END,
               CASE WHEN is_free THEN excluded.until ELSE unique_task.until END
        FROM (
          SELECT unique_task.until <= now() OR EXISTS (
            SELECT FROM ended WHERE ended.key = unique_task.key AND ended.task_id = unique_task.task_id
          ) AS is_free
        ) AS holder
      )
      RETURNING key, task_id
    ), free AS (
      SELECT input.* FROM input JOIN held ON held.key = input.key AND held.task_id = input.id
    ), ${storing('free')}
    SELECT held.task_id AS id, stored.id IS NOT NULL AS "isNew"
    FROM input JOIN held USING (key) LEFT JOIN stored ON stored.id = input.id
    ORDER BY place`,
};

export function enqueueUniqueValues(tasks: readonly NewTask[]): unknown[] {
  const keys = toColumns(tasks, [
    (task) => task.unique?.key,
    (task) => task.unique?.forMs,
    (task) => task.unique?.endStates.join(','),
  ]);
  return [...enqueueValues(tasks), ...keys];
}

/** Forgets keys that have run out. Another process's are passed over. */
export const FORGET_KEYS: NamedStatement = {
  name: 'celeriac_forget_keys',
  text: `
    WITH over AS MATERIALIZED (
      SELECT key FROM unique_task WHERE until <= now() ORDER BY until LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM unique_task USING over WHERE unique_task.key = over.key RETURNING unique_task.key`,
};
