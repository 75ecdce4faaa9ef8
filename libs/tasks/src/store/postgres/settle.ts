import { v7 as uuidv7 } from 'uuid';
import type { Settlement, WorkerIdentity } from '../task-store.js';
import { messageColumns, toColumns, toJson } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

const OUTCOME = `CASE WHEN input.is_cut_off THEN 'WORKER_LOST' ELSE input.state END`;

/**
 * Writes the outcome of a batch of runs and what follows from each, for those whose claim is still held: a worker
 * thought dead that comes back changes nothing. A message that continues the task carries the row's next generation.
 */
export const SETTLE: NamedStatement = {
  name: 'celeriac_settle',
  text: `
    WITH input AS (
      SELECT *, state IN ('RETRY', 'SNOOZE') AS continues
      FROM unnest($3::text[], $4::int[], $5::text[], $6::int[], $7::json[], $8::json[], $9::uuid[], $10::float8[],
                  $11::json[], $12::json[], $13::text[], $14::text[], $15::json[], $16::bytea[], $17::bool[])
        AS input(id, attempt, state, retries, result, error, outbox_id, due_in_ms, progress, log,
                 exchange, routing_key, envelope, body, is_cut_off)
    ), locked AS MATERIALIZED (
      SELECT task.id FROM task JOIN input ON input.id = task.id
      WHERE task.worker_id = $1 AND task.attempt = input.attempt AND task.state = 'STARTED'
      ORDER BY task.id FOR UPDATE OF task
    ), settled AS (
      UPDATE task SET
        state = CASE
          WHEN input.state = 'IGNORED' THEN 'SUCCESS'
          WHEN input.state <> 'SNOOZE' THEN input.state
          WHEN task.retries > 0 THEN 'RETRY'
          ELSE 'PENDING'
        END,
        retries = input.retries,
        generation = task.generation + CASE WHEN input.continues THEN 1 ELSE 0 END,
        envelope = CASE WHEN input.continues THEN input.envelope ELSE task.envelope END,
        result = input.result,
        error = CASE input.state WHEN 'SNOOZE' THEN task.error ELSE input.error END,
        is_dead_lettered = NOT input.continues AND input.outbox_id IS NOT NULL,
        progress = coalesce(input.progress, task.progress),
        worker_id = NULL,
        wait_reason = CASE input.state WHEN 'RETRY' THEN 'scheduled' WHEN 'SNOOZE' THEN 'snoozed' END,
        due_at = CASE WHEN input.continues THEN now() + input.due_in_ms * interval '1 millisecond' END,
        finished_at = CASE WHEN input.continues THEN NULL ELSE now() END
      FROM input JOIN locked USING (id)
      WHERE task.id = input.id
      RETURNING task.id, task.generation, task.attempt, task.started_at
    ), attempts AS (
      INSERT INTO task_attempt (task_id, number, worker_id, worker_name, started_at, finished_at, outcome, error, log)
      SELECT settled.id, settled.attempt, $1, $2, settled.started_at, now(), ${OUTCOME}, input.error, input.log
      FROM settled JOIN input USING (id) WHERE input.state <> 'SNOOZE' OR input.log IS NOT NULL
      ON CONFLICT (task_id, number)
        DO UPDATE SET finished_at = excluded.finished_at, outcome = excluded.outcome, error = excluded.error,
                      log = excluded.log
    ), snoozed AS (
      UPDATE task_attempt SET finished_at = now(), outcome = ${OUTCOME}
      FROM settled JOIN input USING (id)
      WHERE input.state = 'SNOOZE' AND input.log IS NULL AND task_attempt.task_id = settled.id AND task_attempt.number = settled.attempt
    ), continued AS (
      INSERT INTO outbox (id, task_id, generation, exchange, routing_key, envelope, body, due_at)
      SELECT input.outbox_id,
             CASE WHEN input.continues THEN settled.id END,
             CASE WHEN input.continues THEN settled.generation END,
             input.exchange, input.routing_key, input.envelope, input.body,
             now() + input.due_in_ms * interval '1 millisecond'
      FROM settled JOIN input USING (id) WHERE input.outbox_id IS NOT NULL
    )
    SELECT id FROM settled`,
};

export function settleValues(worker: WorkerIdentity, settlements: readonly Settlement[]): unknown[] {
  return [
    worker.id,
    worker.name,
    ...toColumns(settlements, [
      (settlement) => settlement.taskId,
      (settlement) => settlement.attempt,
      (settlement) => settlement.state,
      (settlement) => settlement.retries,
      (settlement) => settlement.resultJson,
      (settlement) => toJson(settlement.error),
      (settlement) => (settlement.next === null ? null : uuidv7()),
      (settlement) => settlement.next?.dueInMs ?? null,
      (settlement) => settlement.progress,
      (settlement) => toJson(settlement.log),
      ...messageColumns<Settlement>((settlement) => settlement.next?.message),
      (settlement) => settlement.isCutOff,
    ]),
  ];
}
