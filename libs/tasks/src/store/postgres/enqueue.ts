import type { NewTask } from '../task-store.js';
import { messageColumns, toColumns } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

/** Writes tasks and, for each that was not there yet, its outbox row. */
export const ENQUEUE: NamedStatement = {
  name: 'celeriac_enqueue',
  text: `
    WITH input AS (
      SELECT *, coalesce(eta, now() + countdown_ms * interval '1 millisecond') AS scheduled_at,
             coalesce(expires, now() + expires_in_ms * interval '1 millisecond') AS expires_at
      FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::float8[], $7::timestamptz[],
                  $8::float8[], $9::float8[], $10::float8[], $11::text[], $12::text[], $13::json[], $14::bytea[])
        AS input(id, outbox_id, name, queue, eta, countdown_ms, expires, expires_in_ms, retention_seconds, lease_ms,
                 exchange, routing_key, envelope, body)
    ), stored AS (
      INSERT INTO task (id, name, state, wait_reason, due_at, queue, exchange, routing_key, envelope, body, expires_at,
                        retention_seconds, forget_after)
      SELECT id, name, 'PENDING', CASE WHEN scheduled_at IS NOT NULL THEN 'scheduled' END, scheduled_at, queue,
             exchange, routing_key, envelope, body, expires_at,
             retention_seconds, coalesce(scheduled_at, now()) + retention_seconds * interval '1 second'
      FROM input ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING id
    )
    INSERT INTO outbox (id, task_id, generation, exchange, routing_key, envelope, body, due_at)
    SELECT outbox_id, id, 0, exchange, routing_key, envelope, body,
           coalesce(scheduled_at, now() + lease_ms * interval '1 millisecond')
    FROM input JOIN stored USING (id)
    RETURNING task_id AS id`,
};

export function enqueueValues(tasks: readonly NewTask[]): unknown[] {
  return toColumns(tasks, [
    (task) => task.id,
    (task) => task.outboxId,
    (task) => task.name,
    (task) => task.queue,
    (task) => task.eta,
    (task) => task.countdownMs,
    (task) => task.expiresAt,
    (task) => task.expiresInMs,
    (task) => task.retentionSeconds,
    (task) => task.leaseMs,
    ...messageColumns<NewTask>((task) => task.message),
  ]);
}
