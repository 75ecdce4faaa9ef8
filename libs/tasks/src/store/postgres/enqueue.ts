import type { NewTask } from '../task-store.js';
import { messageColumns, toColumns } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

const COLUMNS = `$1::text[], $2::uuid[], $3::text[], $4::text[], $5::bool[], $6::timestamptz[], $7::float8[],
  $8::timestamptz[], $9::float8[], $10::float8[], $11::text[], $12::text[], $13::json[], $14::bytea[]`;
const NAMES = `id, outbox_id, name, queue, is_elsewhere, eta, countdown_ms, expires, expires_in_ms, lease_ms, exchange,
  routing_key, envelope, body`;
const TIMES = `coalesce(eta, now() + countdown_ms * interval '1 millisecond') AS scheduled_at,
  coalesce(expires, now() + expires_in_ms * interval '1 millisecond') AS expires_at`;

/** Writes the rows of `input` that may be written, and for each that was not there yet its outbox row. */
function storing(from: string): string {
  return `
    stored AS (
      INSERT INTO task (id, name, state, wait_reason, due_at, queue, is_elsewhere, exchange, routing_key, envelope,
                        body, expires_at)
      SELECT input.id, name, 'PENDING', CASE WHEN scheduled_at IS NOT NULL THEN 'scheduled' END, scheduled_at, queue,
             is_elsewhere, exchange, routing_key, envelope, body, expires_at
      FROM ${from} ORDER BY input.id
      ON CONFLICT (id) DO NOTHING
      RETURNING id
    ), sent AS (
      INSERT INTO outbox (id, task_id, generation, exchange, routing_key, envelope, body, due_at)
      SELECT outbox_id, id, 0, exchange, routing_key, envelope, body,
             coalesce(scheduled_at, now() + lease_ms * interval '1 millisecond')
      FROM input JOIN stored USING (id)
    )`;
}

/** Writes tasks that no key holds back. Returns the ids that were not there. */
export const ENQUEUE: NamedStatement = {
  name: 'celeriac_enqueue',
  text: `
    WITH input AS (SELECT *, ${TIMES} FROM unnest(${COLUMNS}) AS input(${NAMES})),
    ${storing('input')}
    SELECT id FROM stored`,
};

/**
 * Writes tasks whose key nobody holds. Of several with one key the first is written, in this call as between two
 * producers: who comes second waits for the first one's commit at the key's row, and then reads its newest version.
 *
 * A holder whose row the statement does not see yet has only just been written, so it has not ended.
 */
export const ENQUEUE_UNIQUE: NamedStatement = {
  name: 'celeriac_enqueue_unique',
  text: `
    WITH input AS (
      SELECT *, ${TIMES}
      FROM unnest(${COLUMNS}, $15::bytea[], $16::float8[], $17::text[]) WITH ORDINALITY
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
    ), ${storing('input JOIN held ON held.key = input.key AND held.task_id = input.id')}
    SELECT held.task_id AS id, stored.id IS NOT NULL AS "isNew"
    FROM input JOIN held USING (key) LEFT JOIN stored ON stored.id = input.id
    ORDER BY place`,
};

/** Forgets keys that have run out. It waits for nobody, so it is in nobody's way. */
export const FORGET_KEYS: NamedStatement = {
  name: 'celeriac_forget_keys',
  text: `
    WITH outdated AS MATERIALIZED (
      SELECT key FROM unique_task WHERE until <= now() ORDER BY until LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM unique_task USING outdated WHERE unique_task.key = outdated.key RETURNING unique_task.key`,
};

export function enqueueValues(tasks: readonly NewTask[]): unknown[] {
  return toColumns(tasks, [
    (task) => task.id,
    (task) => task.outboxId,
    (task) => task.name,
    (task) => task.queue,
    (task) => task.isElsewhere,
    (task) => task.eta,
    (task) => task.countdownMs,
    (task) => task.expiresAt,
    (task) => task.expiresInMs,
    (task) => task.leaseMs,
    ...messageColumns<NewTask>((task) => task.message),
  ]);
}

export function enqueueUniqueValues(tasks: readonly NewTask[]): unknown[] {
  const keys = toColumns(tasks, [
    (task) => task.unique?.key,
    (task) => task.unique?.forMs,
    (task) => task.unique?.endStates.join(','),
  ]);
  return [...enqueueValues(tasks), ...keys];
}
