import type { ClaimRequest, WorkerIdentity } from '../task-store.js';
import { WORKER_LOST } from '../worker-lost.js';
import { messageColumns, toColumns } from './columns.js';
import type { NamedStatement } from './hot-connection.js';
import { FORGET_AFTER } from './retention.js';
import { TAKE_SLOTS, WAIT_FOR_SLOTS, type KnownRates } from './rate-limits.js';

/**
 * Decides for a batch of deliveries which of them this worker runs, and writes that down.
 *
 * `locked` takes the rows in key order, so that two workers' batches cannot deadlock, and reads their newest
 * version. `holder` does the same with the leases of who holds them: the statement's snapshot may be older than the
 * lock, and a lease that was renewed while it waited must not count as dead. A row that this worker holds itself but
 * does not run is one whose answer was lost: it is run. A foreign message's row is made by `made`; a row that the
 * statement's snapshot does not show and that could not be made is being made by another worker (`again`).
 *
 * There are two such statements: rates are looked at only by the one for batches that hold tasks with a limit. Both
 * do nothing, and say nothing, for a worker that does not know of the latest change of a rate.
 */
function claimStatement(isLimited: boolean): NamedStatement {
  return {
    name: isLimited ? 'celeriac_claim_limited' : 'celeriac_claim',
    text: [
      isLimited
        ? inputOf(', $17::text[], $18::text[], $19::bigint[], $20::int[]', ', task_name, key, interval_us, nth')
        : inputOf('', ''),
      LOCK,
      isLimited ? judge('ruled', 'ruling') + TAKE_SLOTS : judge('judged', 'verdict'),
      WRITE,
      isLimited ? WAIT_FOR_SLOTS : '',
      ANSWER,
    ].join(''),
  };
}

function inputOf(moreTypes: string, moreColumns: string): string {
  return `
    WITH input AS (
      SELECT * FROM unnest($4::text[], $5::int[], $6::int[], $7::bool[], $8::bool[], $9::text[], $10::text[],
                           $11::timestamptz[], $12::float8[], $13::text[], $14::text[], $15::json[],
                           $16::bytea[]${moreTypes})
        AS input(id, generation, retries, is_running, may_run_again, name, queue, expires_at,
                 retention_seconds, exchange, routing_key, envelope, body${moreColumns})
      WHERE $3 = (SELECT coalesce(sum(changes), 0) FROM rate_limit)`;
}

const LOCK = `
    ), locked AS MATERIALIZED (
      SELECT task.id, task.state, task.generation, task.retries, task.deaths, task.attempt, task.worker_id,
             task.expires_at, task.started_at, task.wait_reason, task.due_at
      FROM task JOIN input ON input.id = task.id
      ORDER BY task.id FOR UPDATE OF task
    ), holder AS MATERIALIZED (
      SELECT id, name, lease_until FROM worker WHERE id IN (SELECT worker_id FROM locked) ORDER BY id FOR SHARE`;

function judge(name: string, verdict: string): string {
  return `
    ), ${name} AS MATERIALIZED (
      SELECT input.*, locked.id IS NULL AS is_new, locked.state, locked.generation AS row_generation,
        locked.retries AS row_retries, locked.deaths, locked.attempt, locked.worker_id, locked.started_at,
        locked.wait_reason, locked.due_at, holder.name AS worker_name,
        greatest(0, extract(epoch FROM holder.lease_until - now()) * 1000) AS lease_remaining_ms,
        CASE
          WHEN locked.id IS NULL AND input.generation IS NOT NULL THEN 'missing'
          WHEN locked.state NOT IN ('PENDING', 'RETRY', 'STARTED') THEN 'stale'
          WHEN input.generation IS NOT NULL AND input.generation <> locked.generation THEN 'stale'
          WHEN input.generation IS NULL AND (locked.generation > 0 OR input.retries <> locked.retries) THEN 'stale'
          WHEN locked.state = 'STARTED' AND holder.lease_until > now()
            AND (locked.worker_id <> $1 OR input.is_running) THEN 'leased'
          WHEN coalesce(locked.expires_at, input.expires_at) <= now() THEN 'expired'
          WHEN EXISTS (SELECT FROM revoked_task WHERE revoked_task.task_id = input.id) THEN 'revoked'
          WHEN locked.state = 'STARTED' AND locked.worker_id <> $1
            AND (locked.deaths + 1 >= $2 OR NOT input.may_run_again) THEN 'lost'
          ELSE 'run'
        END AS ${verdict}
      FROM input LEFT JOIN locked ON locked.id = input.id LEFT JOIN holder ON holder.id = locked.worker_id`;
}

const WRITE = `
    ), taken_over AS (
      INSERT INTO task_attempt (task_id, number, worker_id, worker_name, started_at, finished_at, outcome)
      SELECT id, attempt, worker_id, coalesce(worker_name, ''), started_at, now(), 'WORKER_LOST'
      FROM judged WHERE state = 'STARTED' AND worker_id <> $1 AND verdict NOT IN ('stale', 'leased')
      ON CONFLICT (task_id, number) DO UPDATE SET finished_at = now(), outcome = 'WORKER_LOST'
    ), changed AS (
      UPDATE task SET
        state = CASE judged.verdict WHEN 'run' THEN 'STARTED' WHEN 'lost' THEN 'FAILURE' ELSE 'REVOKED' END,
        attempt = task.attempt + CASE judged.verdict WHEN 'run' THEN 1 ELSE 0 END,
        deaths = task.deaths + CASE WHEN judged.state = 'STARTED' AND judged.worker_id <> $1 THEN 1 ELSE 0 END,
        worker_id = CASE judged.verdict WHEN 'run' THEN $1::uuid END,
        started_at = CASE judged.verdict WHEN 'run' THEN now() ELSE task.started_at END,
        finished_at = CASE judged.verdict WHEN 'run' THEN NULL ELSE now() END,
        error = CASE judged.verdict WHEN 'lost' THEN json_build_object('type', '${WORKER_LOST.type}', 'message',
          '${WORKER_LOST.text}' || (task.deaths + 1), 'stack', NULL) ELSE task.error END,
        progress = CASE judged.verdict WHEN 'run' THEN NULL ELSE task.progress END,
        wait_reason = NULL, due_at = NULL
      FROM judged WHERE task.id = judged.id AND judged.verdict IN ('run', 'expired', 'revoked', 'lost')
      RETURNING task.id, task.attempt, task.deaths
    ), made AS (
      INSERT INTO task (id, name, state, queue, exchange, routing_key, envelope, body, expires_at,
                        retention_seconds, forget_after, retries, attempt, worker_id, started_at, finished_at)
      SELECT id, name, CASE verdict WHEN 'run' THEN 'STARTED' ELSE 'REVOKED' END, queue, exchange, routing_key,
             envelope, body, expires_at, retention_seconds, ${FORGET_AFTER}, retries, CASE verdict WHEN 'run' THEN 1 ELSE 0 END,
             CASE verdict WHEN 'run' THEN $1::uuid END, CASE verdict WHEN 'run' THEN now() END,
             CASE verdict WHEN 'run' THEN NULL ELSE now() END
      FROM judged WHERE is_new AND verdict IN ('run', 'expired', 'revoked') ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING id`;

const ANSWER = `
    )
    SELECT judged.id AS "taskId",
      CASE
        WHEN is_new AND verdict IN ('run', 'expired', 'revoked') AND made.id IS NULL THEN 'again'
        ELSE verdict
      END AS verdict,
      coalesce(changed.attempt, judged.attempt, 1) AS attempt,
      coalesce(row_retries, retries) AS retries,
      coalesce(row_generation, 0) AS generation,
      coalesce(changed.deaths, judged.deaths, 0) AS deaths,
      coalesce(lease_remaining_ms, 0)::float8 AS "leaseRemainingMs",
      EXISTS (
        SELECT FROM task_attempt
        WHERE task_attempt.task_id = judged.id AND task_attempt.point_of_no_return_at IS NOT NULL
          AND (task_attempt.outcome IS NULL OR task_attempt.outcome = 'WORKER_LOST')
      ) AS "interruptedAfterPointOfNoReturn"
    FROM judged LEFT JOIN changed ON changed.id = judged.id LEFT JOIN made ON made.id = judged.id`;

const CLAIM = claimStatement(false);
const CLAIM_LIMITED = claimStatement(true);

/** @returns the statement for these requests, and its values */
export function claimQuery(
  worker: WorkerIdentity,
  maxDeaths: number,
  rates: KnownRates,
  requests: readonly ClaimRequest[],
): [NamedStatement, unknown[]] {
  const intervals = requests.map(({ rateLimit }) => rateLimit && rates.intervalUs(rateLimit));
  const values = [
    worker.id,
    maxDeaths,
    rates.changes,
    ...toColumns(requests, [
      (request) => request.taskId,
      (request) => request.generation,
      (request) => request.retries,
      (request) => request.isRunning,
      (request) => request.mayRunAgain,
      (request) => request.foreign?.name ?? null,
      (request) => request.foreign?.queue ?? null,
      (request) => request.foreign?.expiresAt ?? null,
      (request) => request.foreign?.retentionSeconds ?? null,
      ...messageColumns<ClaimRequest>((request) => request.foreign?.message),
    ]),
  ];
  if (intervals.every((interval) => interval === null)) return [CLAIM, values];
  const buckets = requests.map(({ rateLimit }) => rateLimit?.taskName ?? null);
  const keys = requests.map(({ rateLimit }) => rateLimit?.key ?? null);
  return [CLAIM_LIMITED, [...values, buckets, keys, intervals, [...requests.keys()]]];
}
