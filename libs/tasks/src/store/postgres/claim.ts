import type { ClaimRequest, WorkerIdentity } from '../task-store.js';
import { messageColumns, toColumns } from './columns.js';
import type { NamedStatement } from './hot-connection.js';

/**
 * Decides for a batch of deliveries which of them this worker runs, and writes that down.
 *
 * `locked` takes the rows in key order, so that two workers' batches cannot deadlock, and reads their newest
 * version. `holder` does the same with the leases of who holds them: the statement's snapshot may be older than the
 * lock, and a lease that was renewed while it waited must not count as dead. A row that this worker holds itself but
 * does not run is one whose answer was lost: it is run. A foreign message's row is made by `made`; a row that the
 * statement's snapshot does not show and that could not be made is being made by another worker (`again`).
 */
export const CLAIM: NamedStatement = {
  name: 'celeriac_claim',
  text: `
    WITH input AS (
      SELECT * FROM unnest($3::text[], $4::int[], $5::int[], $6::bool[], $7::bool[], $8::text[], $9::text[],
                           $10::timestamptz[], $11::text[], $12::text[], $13::json[], $14::bytea[])
        AS input(id, generation, retries, is_running, may_run_again, name, queue, expires_at, exchange, routing_key, envelope, body)
    ), locked AS MATERIALIZED (
      SELECT task.id, task.state, task.generation, task.retries, task.deaths, task.attempt, task.worker_id,
             task.expires_at, task.started_at
      FROM task JOIN input ON input.id = task.id
      ORDER BY task.id FOR UPDATE OF task
    ), holder AS MATERIALIZED (
      SELECT id, name, lease_until FROM worker WHERE id IN (SELECT worker_id FROM locked) ORDER BY id FOR SHARE
    ), judged AS MATERIALIZED (
      SELECT locked.*, holder.name AS worker_name,
        greatest(0, extract(epoch FROM holder.lease_until - now()) * 1000) AS lease_remaining_ms,
        CASE
          WHEN locked.state NOT IN ('PENDING', 'RETRY', 'STARTED') THEN 'stale'
          WHEN input.generation IS NOT NULL AND input.generation <> locked.generation THEN 'stale'
          WHEN input.generation IS NULL AND (locked.generation > 0 OR input.retries <> locked.retries) THEN 'stale'
          WHEN locked.state = 'STARTED' AND holder.lease_until > now()
            AND (locked.worker_id <> $1 OR input.is_running) THEN 'leased'
          WHEN locked.expires_at <= now() THEN 'expired'
          WHEN locked.state = 'STARTED' AND locked.worker_id <> $1 
            AND (locked.deaths + 1 >= $2 OR NOT input.may_run_again) THEN 'lost'
          ELSE 'run'
        END AS verdict
      FROM locked JOIN input ON input.id = locked.id LEFT JOIN holder ON holder.id = locked.worker_id
    ), taken_over AS (
      INSERT INTO task_attempt (task_id, number, worker_id, worker_name, started_at, finished_at, outcome)
      SELECT id, attempt, worker_id, coalesce(worker_name, ''), started_at, now(), 'WORKER_LOST'
      FROM judged WHERE state = 'STARTED' AND worker_id <> $1 AND verdict IN ('run', 'expired', 'lost')
      ON CONFLICT (task_id, number) DO UPDATE SET finished_at = now(), outcome = 'WORKER_LOST'
    ), changed AS (
      UPDATE task SET
        state = CASE judged.verdict WHEN 'run' THEN 'STARTED' WHEN 'expired' THEN 'REVOKED' ELSE 'FAILURE' END,
        attempt = task.attempt + CASE judged.verdict WHEN 'run' THEN 1 ELSE 0 END,
        deaths = task.deaths + CASE WHEN judged.state = 'STARTED' AND judged.worker_id <> $1 THEN 1 ELSE 0 END,
        worker_id = CASE judged.verdict WHEN 'run' THEN $1::uuid END,
        started_at = CASE judged.verdict WHEN 'run' THEN now() ELSE task.started_at END,
        finished_at = CASE judged.verdict WHEN 'run' THEN NULL ELSE now() END,
        error = CASE judged.verdict WHEN 'lost' THEN json_build_object(
          'type', 'WorkerLostError', 'message', 'Workers that died or stopped while running it: ' || (task.deaths + 1), 'stack', NULL) ELSE task.error END,
        progress = CASE judged.verdict WHEN 'run' THEN NULL ELSE task.progress END,
        wait_reason = NULL, due_at = NULL
      FROM judged WHERE task.id = judged.id AND judged.verdict IN ('run', 'expired', 'lost')
      RETURNING task.id, task.attempt, task.deaths
    ), made AS (
      INSERT INTO task (id, name, state, queue, exchange, routing_key, envelope, body, expires_at,
                        retries, attempt, worker_id, started_at)
      SELECT id, name, CASE WHEN expires_at <= now() THEN 'REVOKED' ELSE 'STARTED' END, queue, exchange,
             routing_key, envelope, body, expires_at, retries, 1, $1::uuid, now()
      FROM input WHERE generation IS NULL ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING id, state
    )
    SELECT input.id AS "taskId",
      CASE
        WHEN judged.id IS NOT NULL THEN judged.verdict
        WHEN made.state = 'STARTED' THEN 'run'
        WHEN made.state = 'REVOKED' THEN 'expired'
        WHEN input.generation IS NULL THEN 'again'
        ELSE 'missing'
      END AS verdict,
      coalesce(changed.attempt, judged.attempt, 1) AS attempt,
      coalesce(judged.retries, input.retries) AS retries,
      coalesce(judged.generation, 0) AS generation,
      coalesce(changed.deaths, judged.deaths, 0) AS deaths,
      coalesce(judged.lease_remaining_ms, 0)::float8 AS "leaseRemainingMs",
      EXISTS (
        SELECT FROM task_attempt
        WHERE task_attempt.task_id = judged.id AND task_attempt.point_of_no_return_at IS NOT NULL
          AND (task_attempt.outcome IS NULL OR task_attempt.outcome = 'WORKER_LOST')
      ) AS "interruptedAfterPointOfNoReturn"
    FROM input
      LEFT JOIN judged ON judged.id = input.id
      LEFT JOIN changed ON changed.id = input.id
      LEFT JOIN made ON made.id = input.id`,
};

export function claimValues(worker: WorkerIdentity, maxDeaths: number, requests: readonly ClaimRequest[]): unknown[] {
  return [
    worker.id,
    maxDeaths,
    ...toColumns(requests, [
      (request) => request.taskId,
      (request) => request.generation,
      (request) => request.retries,
      (request) => request.isRunning,
      (request) => request.mayRunAgain,
      (request) => request.foreign?.name ?? null,
      (request) => request.foreign?.queue ?? null,
      (request) => request.foreign?.expiresAt ?? null,
      ...messageColumns<ClaimRequest>((request) => request.foreign?.message),
    ]),
  ];
}
