import { OVERDUE_AFTER_MS, type LivingWorker, type Standings, type StoredStanding } from '../standings.js';

/** So many tasks before another one are looked at. */
export const MOST_LOOKED_AT = 500;

/**
 * How tasks stand; all is found by primary keys, but for the workers, which are few, and the tasks before one.
 *
 * Which ones stand before a task is read off the ones that were sent right before it, a bounded number ($2) of them: a
 * queue hands its messages out in the order in which they came. Of a task that has been in the queue before, nobody
 * knows where it is.
 */
export const STANDINGS = `
  SELECT task.id AS "taskId", task.name AS "taskName", task.state, now() AS at,
    task.queue, task.exchange, task.routing_key AS "routingKey", task.is_elsewhere AS "isElsewhere",
    task.wait_reason AS "waitReason", task.due_at AS "dueAt", coalesce(task.due_at > now(), false) AS "isEarly",
    task.retries, task.deaths, task.attempt, task.error, task.is_dead_lettered AS "isDeadLettered", task.progress,
    CASE WHEN task.state = 'STARTED' THEN task.envelope -> 'headers' -> 'timelimit' END AS "timeLimits",
    task.expires_at AS "expiresAt", task.started_at AS "startedAt", task.finished_at AS "finishedAt",
    outbox.due_at AS "messageDueAt",
    coalesce(outbox.due_at < now() - interval '${OVERDUE_AFTER_MS} milliseconds', false) AS "isMessageOverdue",
    outbox.trouble AS "messageTrouble",
    worker.name AS "workerName", worker.lease_until AS "leaseUntil",
    coalesce(worker.lease_until > now(), false) AS "isLeaseAlive",
    revoked_task.created_at AS "revokeRequestedAt", revoked_task.terminate AS "isToBeTerminated",
    CASE WHEN task.generation = 0 THEN line.before END AS before, line.looked_at = $2 AS "isMore",
    CASE WHEN row_number() OVER () = 1 THEN living.workers END AS "livingWorkers"
  FROM task
    LEFT JOIN outbox ON outbox.task_id = task.id AND outbox.generation = task.generation
    LEFT JOIN worker ON worker.id = task.worker_id
    LEFT JOIN revoked_task ON revoked_task.task_id = task.id
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS looked_at, count(*) FILTER (
        WHERE earlier.state = 'PENDING' AND earlier.queue = task.queue AND earlier.wait_reason IS NULL
      )::int AS before
      FROM (
        SELECT state, queue, wait_reason FROM task AS earlier
        WHERE task.state = 'PENDING' AND task.generation = 0 AND (task.due_at > now()) IS NOT TRUE
          AND (earlier.created_at, earlier.id) < (task.created_at, task.id)
        ORDER BY earlier.created_at DESC, earlier.id DESC LIMIT $2
      ) AS earlier
    ) AS line
    CROSS JOIN (
      SELECT coalesce(json_agg(json_build_object('name', name, 'queues', queues, 'concurrency', concurrency)
        ORDER BY name), '[]') AS workers
      FROM worker WHERE lease_until > now()
    ) AS living
  WHERE task.id = ANY($1::text[])`;

/** A row of {@link STANDINGS}; the first one has the workers. */
export type StandingRow = StoredStanding & { livingWorkers: LivingWorker[] | null };

/** What the rows of {@link STANDINGS} say. */
export function standingsOf(rows: readonly StandingRow[]): Standings {
  return { tasks: [...rows], workers: rows[0]?.livingWorkers ?? [] };
}
