import { setTimeout as sleep } from 'node:timers/promises';
import type { AppProcess } from '#test/fixtures/app-process';
import type { DataSource } from 'typeorm';

/** Time for the beats to hear of the entries, and to have nothing else to do. */
const LEAD_SECONDS = 3;
const IDLE_SECONDS = 10;
const POLL_MS = 100;

/** How entries are due. */
export interface Scenario {
  name: string;
  /** When the entry with the number `i`, of `$1`, is due first; an SQL expression, after `start`. */
  firstDue: string;
  everyMinutes: number;
  /** Of the beginning; what is due then is measured. */
  windowMs: number;
}

/** @param seconds - for how long what is spread is measured */
export function scenarios(seconds: number): Scenario[] {
  return [
    {
      name: 'spread over a minute',
      firstDue: `start + i * interval '1 minute' / $1`,
      everyMinutes: 1,
      windowMs: seconds * 1000,
    },
    { name: 'all in one second', firstDue: 'start', everyMinutes: 60, windowMs: 1000 },
    {
      name: 'idle',
      firstDue: `start + interval '1 day'`,
      everyMinutes: 60,
      windowMs: IDLE_SECONDS * 1000,
    },
  ];
}

/** What was measured; times in milliseconds from due to committed. */
export interface Measurement {
  scenario: string;
  beats: number;
  ticks: number;
  p50Ms: number | null;
  p99Ms: number | null;
  maxMs: number | null;
  /** Times for which no task was written. */
  holes: number;
  /** Tasks too many. */
  doubles: number;
  /** From when the first one is due until all of the window are committed. */
  seconds: number;
  cpuSeconds: number;
  /** Of all beats together, whatever they are for. */
  queriesPerSecond: number;
  /** Of them, those that look at the schedule. */
  scheduleQueriesPerSecond: number;
}

/** Measures one scenario with the beats that run. */
export async function measure(
  dataSource: DataSource,
  beats: readonly AppProcess[],
  scenario: Scenario,
  entries: number,
): Promise<Measurement> {
  const start = await fill(dataSource, scenario, entries);
  const end = new Date(start.getTime() + scenario.windowMs);
  await untilPast(dataSource, start);
  const before = await readMeters(beats);
  await untilPast(dataSource, end);
  await untilSent(dataSource, end);
  const seconds = (Number(await now(dataSource)) - Number(start)) / 1000;
  const after = await readMeters(beats);
  return {
    scenario: scenario.name,
    beats: beats.length,
    ...(await account(dataSource, scenario, end)),
    seconds,
    cpuSeconds: (after.cpuMs - before.cpuMs) / 1000,
    queriesPerSecond: (after.queries - before.queries) / seconds,
    scheduleQueriesPerSecond: (after.ownQueries - before.ownQueries) / seconds,
  };
}

/** @returns when the first one may be due */
async function fill(dataSource: DataSource, scenario: Scenario, entries: number): Promise<Date> {
  await dataSource.query('TRUNCATE schedule_entry, schedule_tick, task, task_attempt, outbox');
  const [{ start }]: [{ start: Date }] = await dataSource.query(
    `WITH clock AS (SELECT now() + $2 * interval '1 second' AS start),
     due AS (SELECT i, date_trunc('milliseconds', ${scenario.firstDue}) AS first FROM clock, generate_series(0, $1 - 1) i),
     written AS (
       INSERT INTO schedule_entry (name, task, kwargs, schedule, next_run_at)
       SELECT 'entry ' || i, 'test.tick', json_build_object('entry', 'entry ' || i),
         json_build_object('type', 'interval', 'every', $3::integer, 'period', 'minutes', 'from', first), first
       FROM due
     ) SELECT start FROM clock`,
    [entries, LEAD_SECONDS, scenario.everyMinutes],
  );
  await dataSource.query('ANALYZE');
  await dataSource.query('NOTIFY celeriac_schedule');
  return start;
}

async function now(dataSource: DataSource): Promise<Date> {
  const [{ now: time }]: [{ now: Date }] = await dataSource.query('SELECT clock_timestamp() AS now');
  return time;
}

async function untilPast(dataSource: DataSource, time: Date): Promise<void> {
  await sleep(Math.max(0, Number(time) - Number(await now(dataSource))));
}

/** Waits until nothing is left that was due before. */
async function untilSent(dataSource: DataSource, end: Date): Promise<void> {
  const isLeft = 'SELECT 1 FROM schedule_entry WHERE next_run_at < $1 LIMIT 1';
  while ((await dataSource.query(isLeft, [end])).length > 0) await sleep(POLL_MS);
}

/** Of what was due before the end. The commits' times are Postgres's own. */
async function account(
  dataSource: DataSource,
  { everyMinutes }: Scenario,
  end: Date,
): Promise<Pick<Measurement, 'ticks' | 'p50Ms' | 'p99Ms' | 'maxMs' | 'holes' | 'doubles'>> {
  const [row] = await dataSource.query(
    `WITH sent AS (
       SELECT task_id, extract(epoch FROM pg_xact_commit_timestamp(xmin) - due_at)::float8 * 1000 AS late_ms
       FROM schedule_tick WHERE due_at < $1
     ), due AS (
       SELECT greatest(0, ceil(extract(epoch FROM $1 - (schedule->>'from')::timestamptz) / (60 * $2)))::integer AS count
       FROM schedule_entry
     )
     SELECT count(*)::integer AS ticks,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY late_ms) AS "p50Ms",
       percentile_disc(0.99) WITHIN GROUP (ORDER BY late_ms) AS "p99Ms",
       max(late_ms) AS "maxMs",
       (SELECT sum(count)::integer FROM due) - count(task_id)::integer AS holes,
       (SELECT count(*)::integer FROM task) - (SELECT count(task_id)::integer FROM schedule_tick) AS doubles
     FROM sent`,
    [end, everyMinutes],
  );
  return row;
}

interface Meter {
  cpuMs: number;
  queries: number;
  ownQueries: number;
}

/** What all of them have used together since they started. */
async function readMeters(beats: readonly AppProcess[]): Promise<Meter> {
  const lines = beats.map((beat) => beat.nextLine(/^Meter: /));
  for (const beat of beats) beat.signal('SIGUSR2');
  const meters = (await Promise.all(lines)).map((line) => JSON.parse(line.slice('Meter: '.length)) as Meter);
  const sum = (key: keyof Meter): number => meters.reduce((total, meter) => total + meter[key], 0);
  return { cpuMs: sum('cpuMs'), queries: sum('queries'), ownQueries: sum('ownQueries') };
}
