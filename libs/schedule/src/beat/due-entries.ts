import { In, type EntityManager } from 'typeorm';
import { ScheduleEntryEntity } from '../store/entities/schedule-entry.entity.js';

/** An entry whose time has come; its row is locked. */
export interface DueEntry {
  row: ScheduleEntryEntity;
  /** Its last task has not ended. */
  isRunning: boolean;
}

/** What beat finds when it looks. */
export interface Due {
  /** Postgres's clock: all that beats compare times with. */
  now: Date;
  entries: DueEntry[];
  /** In how many milliseconds the next one is due that is not among them; null: none ever is. */
  nextInMs: number | null;
}

/**
 * One query by the index on what is due next, however many entries there are. Those that another beat has in hand are
 * left to it.
 */
const TAKE_DUE = `
  WITH due AS (
    SELECT name, next_run_at FROM schedule_entry
    WHERE next_run_at <= now() ORDER BY next_run_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  SELECT clock.now, clock.next_in_ms, due.name, task.state IN ('PENDING', 'STARTED', 'RETRY') AS is_running
  FROM (
    SELECT now() AS now, (
      SELECT extract(epoch FROM next_run_at - now()) * 1000 FROM schedule_entry
      WHERE next_run_at > now() ORDER BY next_run_at LIMIT 1
    )::double precision AS next_in_ms
  ) clock
  LEFT JOIN due ON true
  LEFT JOIN schedule_entry entry ON entry.name = due.name
  LEFT JOIN task ON task.id = entry.last_task_id
  ORDER BY due.next_run_at`;

interface Found {
  now: Date;
  next_in_ms: number | null;
  name: string | null;
  is_running: boolean | null;
}

/** Takes entries that are due, `limit` at most, until the caller's transaction ends. */
export async function takeDue(manager: EntityManager, limit: number): Promise<Due> {
  const found: Found[] = await manager.query(TAKE_DUE, [limit]);
  const [first] = found;
  if (first === undefined) throw new Error('The clock of Postgres gave no answer.');
  const names = found.flatMap(({ name }) => name ?? []);
  const rows = names.length === 0 ? [] : await manager.findBy(ScheduleEntryEntity, { name: In(names) });
  const byName = new Map(rows.map((row) => [row.name, row]));
  return {
    now: first.now,
    nextInMs: first.next_in_ms,
    entries: found.flatMap(({ name, is_running: isRunning }) => {
      const row = byName.get(name ?? '');
      return row === undefined ? [] : [{ row, isRunning: isRunning === true }];
    }),
  };
}
