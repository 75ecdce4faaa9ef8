import type { TaskFilter, TaskPage, TaskSummary } from '../inspect-store.js';
import type { TaskPlace } from '../task-place.js';

/** So many tasks one statement looks at. */
export const MOST_LOOKED_AT = 10_000;

const PLACE = `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '/' || id`;

/**
 * Walks the index of `created_at` down from a place ($3, $4), over $5 tasks at most, and shows the first $9 of them
 * that fit. There is one row at least: that says how far it went.
 */
export const TASKS = `
  WITH slice AS MATERIALIZED (
    SELECT id, name, state, queue, wait_reason, due_at, retries, worker_id, error, created_at, started_at, finished_at
    FROM task
    WHERE created_at >= $1::timestamptz AND created_at < $2::timestamptz
      AND (created_at, id) < ($3::timestamptz, $4::text)
    ORDER BY created_at DESC, id DESC LIMIT $5
  ), found AS (
    SELECT *, ${PLACE} AS place FROM slice
    WHERE ($6::text[] IS NULL OR state = ANY($6)) AND ($7::text IS NULL OR name = $7) AND ($8::text IS NULL OR queue = $8)
    ORDER BY created_at DESC, id DESC LIMIT $9
  ), walk AS (
    SELECT count(*)::int AS size, (SELECT ${PLACE} FROM slice ORDER BY created_at, id LIMIT 1) AS place FROM slice
  )
  SELECT walk.size AS "lookedAt", walk.place AS "lookedTo", found.place,
    found.id, found.name, state, queue, wait_reason AS "waitReason", due_at AS "dueAt", retries, worker.name AS worker,
    CASE WHEN error IS NOT NULL THEN json_build_object('type', error -> 'type', 'message', error -> 'message') END AS error,
    created_at AS "createdAt", found.started_at AS "startedAt", finished_at AS "finishedAt"
  FROM walk LEFT JOIN found ON true LEFT JOIN worker ON worker.id = found.worker_id
  ORDER BY created_at DESC, found.id DESC`;

/** One row of {@link TASKS}: all of the task is null when there is none. */
export type TaskRow = TaskSummary & { lookedAt: number; lookedTo: string | null; place: string | null };

export function tasksValues(filter: TaskFilter, limit: number, { createdAt, id }: TaskPlace): unknown[] {
  const { states = null, name = null, queue = null, since = '-infinity', until = 'infinity' } = filter;
  return [since, until, createdAt, id, mostLookedAt(filter, limit), states, name, queue, limit];
}

export function taskPage(rows: readonly TaskRow[], filter: TaskFilter, limit: number): TaskPage {
  const found = rows.filter(({ place }) => place !== null);
  const [walk] = rows;
  const isLookedThrough = walk === undefined || walk.lookedAt < mostLookedAt(filter, limit);
  const older = found.length === limit ? (found.at(-1)?.place ?? null) : isLookedThrough ? null : walk.lookedTo;
  return { tasks: found.map(summaryOf), older };
}

function summaryOf(row: TaskRow): TaskSummary {
  const { id, name, state, queue, waitReason, dueAt, retries, worker, error, createdAt, startedAt, finishedAt } = row;
  return { id, name, state, queue, waitReason, dueAt, retries, worker, error, createdAt, startedAt, finishedAt };
}

/** Where all fit, none is looked at for nothing. */
function mostLookedAt({ states, name, queue }: TaskFilter, limit: number): number {
  return states === undefined && name === undefined && queue === undefined ? limit : MOST_LOOKED_AT;
}

/** What a worker ran when it said so, and runs still. */
export const WORKERS = `
  SELECT worker.id, worker.name, pid, queues, concurrency, worker.started_at AS "startedAt", ARRAY(
    SELECT json_build_object('id', task.id, 'name', task.name, 'startedAt', task.started_at) FROM task
    WHERE task.id = ANY(worker.task_ids) AND task.worker_id = worker.id AND task.state = 'STARTED'
    ORDER BY task.started_at, task.id
  ) AS running
  FROM worker WHERE lease_until > now() ORDER BY worker.name, worker.started_at`;
