import { Any, type EntityManager } from 'typeorm';
import { ScheduleEntryEntity } from '../store/entities/schedule-entry.entity.js';

/** So soon beat looks again for what another one has in hand: if that one dies, its entries are there again. */
const OTHERS_IN_MS = 1000;

/** An entry whose time has come; its row is locked. */
export interface DueEntry {
  row: ScheduleEntryEntity;
  /** Tasks of the entry may not overlap, and its last one has not ended. */
  isRunning: boolean;
}

/** What beat finds when it looks. */
export interface Due {
  /** Postgres's clock: all that beats compare times with. */
  now: Date;
  entries: DueEntry[];
  /** In how many milliseconds to look for those that are not among them; null: none is ever due. */
  nextInMs: number | null;
}

/**
 * One query by the index on what is due next, however many entries there are. Those that another beat has in hand are
 * left to it. Somebody who writes by hand may leave a disabled entry its time, or give one a time that never comes.
 */
export const TAKE_DUE = `
  WITH due AS (
    SELECT name FROM schedule_entry WHERE next_run_at <= now() AND enabled
    ORDER BY next_run_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  SELECT now() AS now, ARRAY(SELECT name FROM due) AS names, (
    SELECT extract(epoch FROM next_run_at - now()) * 1000 FROM schedule_entry
    WHERE next_run_at > now() AND next_run_at < 'infinity' ORDER BY next_run_at LIMIT 1
  )::double precision AS next_in_ms, EXISTS (
    SELECT FROM schedule_entry WHERE next_run_at <= now() AND enabled AND name NOT IN (SELECT name FROM due)
  ) AS has_others`;

interface Found {
  now: Date;
  names: string[];
  next_in_ms: number | null;
  has_others: boolean;
}

/** Takes entries that are due, `limit` at most, until the caller's transaction ends. */
export async function takeDue(manager: EntityManager, limit: number): Promise<Due> {
  const [found]: [Found] = await manager.query(TAKE_DUE, [limit]);
  const { now, names, next_in_ms: nextInMs, has_others: hasOthers } = found;
  return {
    now,
    entries: await entriesOf(manager, names),
    nextInMs: hasOthers ? Math.min(nextInMs ?? OTHERS_IN_MS, OTHERS_IN_MS) : nextInMs,
  };
}

/** Read when they are locked: what the beat that had them before has written is seen, its tasks too. */
async function entriesOf(manager: EntityManager, names: readonly string[]): Promise<DueEntry[]> {
  if (names.length === 0) return [];
  const rows = await manager.findBy(ScheduleEntryEntity, { name: Any(names) });
  const lastTasks = rows.flatMap(({ overlap, lastTaskId }) => (overlap === 'skip' ? (lastTaskId ?? []) : []));
  const running = await runningOf(manager, lastTasks);
  const byName = new Map(rows.map((row) => [row.name, row]));
  return names.flatMap((name) => {
    const row = byName.get(name);
    return row === undefined ? [] : [{ row, isRunning: running.has(row.lastTaskId ?? '') }];
  });
}

async function runningOf(manager: EntityManager, taskIds: readonly string[]): Promise<Set<string>> {
  if (taskIds.length === 0) return new Set();
  const running: Array<{ id: string }> = await manager.query(
    `SELECT id FROM task WHERE id = ANY($1) AND state IN ('PENDING', 'STARTED', 'RETRY')`,
    [taskIds],
  );
  return new Set(running.map(({ id }) => id));
}
