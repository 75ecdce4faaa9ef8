import { v7 as uuidv7 } from 'uuid';
import type { HandBack, WorkerIdentity } from '../task-store.js';
import { messageColumns, toColumns } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

/**
 * Moves messages from the queue back to the outbox under the next generation, which makes the delivery in hand
 * stale. With an attempt, the worker gives up its own claim, wherever the message is by now: the task is as it was
 * before that.
 */
export const HAND_BACK: NamedStatement = {
  name: 'celeriac_hand_back',
  text: `
    WITH input AS (
      SELECT * FROM unnest($2::text[], $3::int[], $4::int[], $5::uuid[], $6::float8[], $7::text[],
                           $8::text[], $9::text[], $10::json[], $11::bytea[])
        AS input(id, generation, attempt, outbox_id, due_in_ms, wait_reason, exchange, routing_key, envelope, body)
    ), locked AS MATERIALIZED (
      SELECT task.id FROM task JOIN input ON input.id = task.id
      WHERE task.state IN ('PENDING', 'RETRY', 'STARTED')
        AND CASE WHEN input.attempt IS NULL THEN task.generation = input.generation
                 ELSE task.worker_id = $1 AND task.attempt = input.attempt END
      ORDER BY task.id FOR UPDATE OF task
    ), moved AS (
      UPDATE task SET
        generation = task.generation + 1,
        state = CASE WHEN input.attempt IS NULL THEN task.state WHEN task.retries > 0 THEN 'RETRY' ELSE 'PENDING' END,
        worker_id = CASE WHEN input.attempt IS NULL THEN task.worker_id END,
        wait_reason = input.wait_reason,
        due_at = now() + input.due_in_ms * interval '1 millisecond'
      FROM input JOIN locked USING (id)
      WHERE task.id = input.id
      RETURNING task.id, task.generation, task.due_at
    ), attempts AS (
      UPDATE task_attempt SET finished_at = now()
      FROM input JOIN locked USING (id)
      WHERE task_attempt.task_id = input.id AND task_attempt.number = input.attempt
    )
    INSERT INTO outbox (id, task_id, generation, exchange, routing_key, envelope, body, due_at)
    SELECT input.outbox_id, moved.id, moved.generation, input.exchange, input.routing_key, input.envelope, input.body,
           moved.due_at
    FROM moved JOIN input USING (id)
    RETURNING task_id AS id`,
};

export function handBackValues(worker: WorkerIdentity, handBacks: readonly HandBack[]): unknown[] {
  return [
    worker.id,
    ...toColumns(handBacks, [
      (handBack) => handBack.taskId,
      (handBack) => handBack.generation,
      (handBack) => handBack.attempt,
      () => uuidv7(),
      (handBack) => handBack.dueInMs,
      (handBack) => handBack.waitReason,
      ...messageColumns<HandBack>((handBack) => handBack.message),
    ]),
  ];
}
