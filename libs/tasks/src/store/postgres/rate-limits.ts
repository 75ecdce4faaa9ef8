import { rateIntervalUs, type TaskRateLimit } from '../../contract/rate-limit.js';
import type { NamedStatement } from './hot-connection.js';
import { FORGET_AFTER } from './retention.js';

/**
 * A slot is good for so long. What comes later (no worker was there, the queue was long) starts as the rate allows, for
 * else all that had been held up would start at once.
 */
const SLOT_GOOD_FOR = `interval '10 seconds'`;

/**
 * The part of the claim that takes slots for those of limited tasks that are to be run (`ruled`), and says in `judged`
 * which of them have to wait for theirs.
 *
 * `asked`: who wants to start; those that waited for a slot which has come need no other. `bucket` locks what is to be
 * taken from, in key order. `placed`: who of those that came back may start; the others take a slot as those do that
 * are new. One that is late while nobody else waits starts in place of the next new one. `taken` moves both marks of
 * each bucket as the generic cell rate algorithm does: n starts use it up for n intervals, counted from the mark or from
 * the present. Slots are given out in the order of the deliveries.
 */
export const TAKE_SLOTS = `
    ), asked AS MATERIALIZED (
      SELECT id, nth, task_name, key, interval_us, interval_us * interval '1 microsecond' AS step, due_at,
             coalesce(wait_reason = 'rate_limited' AND due_at <= now(), false) AS has_slot
      FROM ruled WHERE ruling = 'run' AND interval_us IS NOT NULL
    ), bucket AS MATERIALIZED (
      SELECT task_name, key, next_slot_at, started_until FROM rate_bucket
      WHERE (task_name, key) IN (SELECT task_name, key FROM asked)
      ORDER BY task_name, key FOR UPDATE
    ), placed AS MATERIALIZED (
      SELECT asked.*, has_slot AND (
          due_at > now() - ${SLOT_GOOD_FOR}
          OR greatest(started_until, now())
             + (row_number() OVER (PARTITION BY task_name, key, has_slot ORDER BY nth) - 1) * step
             <= now() + ${SLOT_GOOD_FOR}
        ) AS is_back,
        due_at <= now() - ${SLOT_GOOD_FOR} AND next_slot_at <= now() AS is_in_place_of_new
      FROM asked LEFT JOIN bucket USING (task_name, key)
    ), taken AS (
      INSERT INTO rate_bucket (task_name, key, interval_us, next_slot_at, started_until)
      SELECT task_name, key, max(interval_us), now() + count(*) FILTER (WHERE NOT is_back OR is_in_place_of_new) * max(step),
             now() + count(*) FILTER (WHERE is_back) * max(step)
      FROM placed GROUP BY task_name, key ORDER BY task_name, key
      ON CONFLICT (task_name, key) DO UPDATE SET
        interval_us = greatest(excluded.interval_us,
                               CASE WHEN rate_bucket.next_slot_at > now() THEN rate_bucket.interval_us END),
        next_slot_at = greatest(rate_bucket.next_slot_at, now()) + ${sinceNow('excluded.next_slot_at')},
        started_until = greatest(rate_bucket.started_until, now()) + ${sinceNow('excluded.started_until')}
      RETURNING task_name, key, next_slot_at
    ), slot AS MATERIALIZED (
      SELECT placed.id,
             next_slot_at - step * row_number() OVER (PARTITION BY task_name, key ORDER BY nth DESC) AS slot_at
      FROM placed JOIN taken USING (task_name, key) WHERE NOT is_back
    ), judged AS MATERIALIZED (
      SELECT ruled.*, CASE WHEN slot_at > now() THEN 'rate_limited' ELSE ruling END AS verdict,
             CASE WHEN slot_at > now() THEN slot_at END AS slot_at
      FROM ruled LEFT JOIN slot USING (id)`;

/**
 * The part of the claim that has tasks wait for their slots in the outbox, in the same commit. The message is the one
 * in the task's row. A foreign producer's task whose row another
 * worker has just made is that one's.
 */
export const WAIT_FOR_SLOTS = `
    ), put_off AS (
      UPDATE task SET
        state = CASE WHEN task.retries > 0 THEN 'RETRY' ELSE 'PENDING' END,
        generation = task.generation + 1,
        deaths = task.deaths + CASE WHEN judged.state = 'STARTED' AND judged.worker_id <> $1 THEN 1 ELSE 0 END,
        worker_id = NULL, wait_reason = 'rate_limited', due_at = slot_at
      FROM judged WHERE task.id = judged.id AND verdict = 'rate_limited'
      RETURNING task.id, task.generation, task.exchange, task.routing_key, task.envelope, task.body, task.due_at
    ), made_to_wait AS (
      INSERT INTO task (id, name, state, generation, wait_reason, due_at, queue, exchange, routing_key, envelope, body,
                        expires_at, retention_seconds, forget_after, retries)
      SELECT id, name, CASE WHEN retries > 0 THEN 'RETRY' ELSE 'PENDING' END, 1, 'rate_limited', slot_at, queue,
             exchange, routing_key, envelope, body, expires_at, retention_seconds, ${FORGET_AFTER}, retries
      FROM judged WHERE is_new AND verdict = 'rate_limited' ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING id, generation, exchange, routing_key, envelope, body, due_at
    ), handed_back AS (
      INSERT INTO outbox (id, task_id, generation, exchange, routing_key, envelope, body, due_at)
      SELECT gen_random_uuid(), id, generation, exchange, routing_key, envelope, body, due_at
      FROM (TABLE put_off UNION ALL TABLE made_to_wait) AS waiting`;

/** In seconds alone: of a difference with days, a day when clocks are put forward or back would be no 24 hours. */
function sinceNow(time: string): string {
  return `make_interval(secs => extract(epoch FROM ${time} - now())::float8)`;
}

/** Sets a task's rate for all workers: each of them sees with its next claim that rates have changed. */
export const SET_RATE_LIMIT: NamedStatement = {
  name: 'celeriac_set_rate_limit',
  text: `
    INSERT INTO rate_limit (task_name, rate) VALUES ($1, $2)
    ON CONFLICT (task_name) DO UPDATE SET rate = excluded.rate, changes = rate_limit.changes + 1`,
};

/** Empties a task's buckets if slots were given further apart than they are to be. @returns a row for each bucket */
export const EMPTY_BUCKETS: NamedStatement = {
  name: 'celeriac_empty_buckets',
  text: `
    WITH locked AS MATERIALIZED (
      SELECT key, interval_us FROM rate_bucket WHERE task_name = $1 ORDER BY key FOR UPDATE
    )
    DELETE FROM rate_bucket
    WHERE task_name = $1 AND EXISTS (SELECT FROM locked WHERE interval_us > $2)
    RETURNING key`,
};

/** Has those due at once, in the order of their slots, that wait for one: they take another in the new rhythm. */
export const WAKE_LIMITED: NamedStatement = {
  name: 'celeriac_wake_limited',
  text: `
    WITH waiting AS MATERIALIZED (
      SELECT task.id, outbox.id AS outbox_id, outbox.due_at
      FROM outbox JOIN task ON task.id = outbox.task_id AND task.generation = outbox.generation
      WHERE task.wait_reason = 'rate_limited' AND task.name = $1
      FOR UPDATE OF task, outbox SKIP LOCKED
    ), free AS (
      UPDATE task SET wait_reason = NULL, due_at = NULL FROM waiting WHERE task.id = waiting.id
    )
    UPDATE outbox SET due_at = now() - interval '1 second' + line.nth * interval '1 microsecond'
    FROM (SELECT outbox_id, row_number() OVER (ORDER BY due_at) AS nth FROM waiting) AS line
    WHERE outbox.id = line.outbox_id`,
};

/** Forgets buckets that have been full for long. */
export const FORGET_BUCKETS: NamedStatement = {
  name: 'celeriac_forget_buckets',
  text: `
    DELETE FROM rate_bucket WHERE (task_name, key) IN (
      SELECT task_name, key FROM rate_bucket
      WHERE greatest(next_slot_at, started_until) < now() - interval '1 day' FOR UPDATE SKIP LOCKED
    )`,
};

export const READ_RATE_LIMITS: NamedStatement = {
  name: 'celeriac_read_rate_limits',
  text: `SELECT task_name AS "taskName", rate, changes FROM rate_limit`,
};

/** The rates that were set while running, as a worker knows them. */
export class KnownRates {
  /** How often rates had been set when they were read; by this a claim sees whether there is news. */
  readonly changes: number;
  private readonly intervals: ReadonlyMap<string, number | null>;

  /** @param rows - of the table; none at first */
  constructor(rows: ReadonlyArray<{ taskName: string; rate: string | null; changes: number }> = []) {
    this.changes = rows.reduce((sum, row) => sum + row.changes, 0);
    this.intervals = new Map(rows.map(({ taskName, rate }) => [taskName, rateIntervalUs(rate)]));
  }

  /** @returns how far apart the starts of this task are to be, in microseconds; null for no limit */
  intervalUs({ taskName, defaultIntervalUs }: TaskRateLimit): number | null {
    const interval = this.intervals.get(taskName);
    return interval === undefined ? defaultIntervalUs : interval;
  }
}
