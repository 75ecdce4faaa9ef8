import type { NewTask } from '../task-store.js';
import { messageColumns, toColumns } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

/** Writes tasks and, for each that was not there yet, its outbox row. */
export const ENQUEUE: NamedStatement = {
  name: 'celeriac_enqueue',
  text: `
    WITH input AS (
      SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::float8[],
                           $7::text[], $8::text[], $9::json[], $10::bytea[])
        AS input(id, outbox_id, name, queue, expires_at, due_in_ms, exchange, routing_key, envelope, body)
    ), stored AS (
      INSERT INTO task (id, name, state, queue, exchange, routing_key, envelope, body, expires_at)
      SELECT id, name, 'PENDING', queue, exchange, routing_key, envelope, body, expires_at FROM input ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING id
    )
    INSERT INTO outbox (id, task_id, generation, exchange, routing_key, envelope, body, due_at)
    SELECT outbox_id, id, 0, exchange, routing_key, envelope, body, now() + due_in_ms * interval '1 millisecond'
    FROM input JOIN stored USING (id)
    RETURNING task_id AS id`,
};

export function enqueueValues(tasks: readonly NewTask[]): unknown[] {
  return toColumns(tasks, [
    (task) => task.id,
    (task) => task.outboxId,
    (task) => task.name,
    (task) => task.queue,
    (task) => task.expiresAt,
    (task) => task.dueInMs,
    ...messageColumns<NewTask>((task) => task.message),
  ]);
}
