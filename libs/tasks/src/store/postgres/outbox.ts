import { v7 as uuidv7 } from 'uuid';
import type { Letter } from '../task-store.js';
import { MESSAGE_QUEUE } from './abandoned.js';
import { messageColumns, toColumns } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

/** Takes due messages in order of their time; while another relay holds a row, it is passed over. */
export const TAKE_DUE: NamedStatement = {
  name: 'celeriac_take_due',
  text: `
    WITH due AS MATERIALIZED (
      SELECT id FROM outbox WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    UPDATE outbox SET due_at = now() + $2 * interval '1 millisecond' FROM due
    WHERE outbox.id = due.id
    RETURNING outbox.id AS "outboxId", outbox.task_id AS "taskId", outbox.generation, outbox.exchange,
              outbox.routing_key AS "routingKey", outbox.envelope, outbox.body, outbox.mandatory`,
};

/** Forgets messages that the broker has confirmed. */
export const PUBLISHED: NamedStatement = {
  name: 'celeriac_published',
  text: `DELETE FROM outbox WHERE id = ANY($1::uuid[])`,
};

/** Puts messages off that could not be published. */
export const POSTPONE: NamedStatement = {
  name: 'celeriac_postpone',
  text: `
    UPDATE outbox SET due_at = now() + input.delay_ms * interval '1 millisecond', trouble = input.trouble
    FROM unnest($1::uuid[], $2::float8[], $3::text[]) AS input(id, delay_ms, trouble)
    WHERE outbox.id = input.id`,
};

/** Writes messages that continue no task, due at once. */
export const ADD_LETTERS: NamedStatement = {
  name: 'celeriac_add_letters',
  text: `
    INSERT INTO outbox (id, mandatory, exchange, routing_key, envelope, body, due_at)
    SELECT *, now() FROM unnest($1::uuid[], $2::bool[], $3::text[], $4::text[], $5::json[], $6::bytea[])`,
};

/** The values of a statement that inserts letters. */
export function letterValues(letters: readonly Letter[]): unknown[] {
  return toColumns(letters, [
    (letter) => letter.id ?? uuidv7(),
    (letter) => letter.mandatory,
    ...messageColumns<Letter>((letter) => letter.message),
  ]);
}

/** One reconciler at a time: the lock goes with the transaction, and so with a process that dies. */
export const RECONCILER_LOCK: NamedStatement = {
  name: 'celeriac_reconciler_lock',
  text: `SELECT pg_try_advisory_xact_lock(hashtext('celeriac.reconciler')) AS locked`,
};

/**
 * From when on there are unfinished tasks of ours; what is older has ended for good and need not be looked at again,
 * unless it is sent back from the dead letters.
 * What other workers run may never end, and is none of the reconciler's business.
 */
export const OLDEST_UNFINISHED: NamedStatement = {
  name: 'celeriac_oldest_unfinished',
  text: `
    SELECT least(min(greatest(created_at, sent_back_at)), now() - interval '1 hour') AS since FROM task
    WHERE state IN ('PENDING', 'RETRY', 'STARTED') AND NOT is_elsewhere AND (created_at >= $1 OR sent_back_at >= $1)`,
};

/**
 * Brings back tasks that nothing moves any more. Safe whatever has become of the old message: it carries the old
 * generation.
 */
export const RECONCILE: NamedStatement = {
  name: 'celeriac_reconcile',
  text: `
    WITH lost AS (
      SELECT id FROM task
      WHERE state IN ('PENDING', 'RETRY', 'STARTED')
        AND (created_at >= $3 OR sent_back_at >= $3)
        AND ${MESSAGE_QUEUE} = ANY($1::text[])
        AND greatest(created_at, started_at, due_at) < now() - $2 * interval '1 millisecond'
        AND NOT EXISTS (SELECT FROM outbox WHERE outbox.task_id = task.id)
        AND NOT EXISTS (SELECT FROM worker WHERE worker.id = task.worker_id AND worker.lease_until > now())
      ORDER BY id LIMIT 1000 FOR UPDATE OF task SKIP LOCKED
    ), moved AS (
      UPDATE task SET generation = generation + 1, due_at = now()
      FROM lost WHERE task.id = lost.id
      RETURNING task.id, generation, exchange, routing_key, envelope, body
    )
    INSERT INTO outbox (id, task_id, generation, exchange, routing_key, envelope, body, due_at)
    SELECT gen_random_uuid(), id, generation, exchange, routing_key, envelope, body, now() FROM moved
    RETURNING task_id AS id`,
};
