import type { EntityManager } from 'typeorm';

/** A time for which an entry sends a task. */
export interface Tick {
  entry: string;
  dueAt: Date;
  /** Null: none is sent, since the last one has not ended. */
  taskId: string | null;
}

/** What becomes of an entry that was due. */
export interface Move {
  entry: string;
  /** Null: it has come to its end, and is disabled. */
  nextRunAt: Date | null;
  /** Why it cannot be used as it is, and is disabled; null when it can. */
  problem: string | null;
  /** The last tick that has sent a task; null when none has. */
  last: Tick | null;
  /** How many have. */
  sentCount: number;
}

/** The fence: of several beats that write the same time of an entry, one has it written. @returns those that are ours */
export async function writeTicks(manager: EntityManager, ticks: readonly Tick[]): Promise<Tick[]> {
  if (ticks.length === 0) return [];
  const written: Array<{ entry: string; due_at: Date }> = await manager.query(
    `INSERT INTO schedule_tick (entry, due_at, task_id)
     SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[])
     ON CONFLICT DO NOTHING RETURNING entry, due_at`,
    columnsOf(ticks),
  );
  const ours = new Set(written.map((row) => keyOf(row.entry, row.due_at)));
  return ticks.filter(({ entry, dueAt }) => ours.has(keyOf(entry, dueAt)));
}

/** Says of ticks that were written what has become of their tasks, where that is something else. */
export async function correctTicks(manager: EntityManager, ticks: readonly Tick[]): Promise<void> {
  if (ticks.length === 0) return;
  await manager.query(
    `UPDATE schedule_tick SET task_id = tick.task_id
     FROM unnest($1::text[], $2::timestamptz[], $3::text[]) AS tick(entry, due_at, task_id)
     WHERE schedule_tick.entry = tick.entry AND schedule_tick.due_at = tick.due_at`,
    columnsOf(ticks),
  );
}

function columnsOf(ticks: readonly Tick[]): unknown[][] {
  return [ticks.map(({ entry }) => entry), ticks.map(({ dueAt }) => dueAt), ticks.map(({ taskId }) => taskId)];
}

function keyOf(entry: string, dueAt: Date): string {
  return `${dueAt.getTime()} ${entry}`;
}

/** Writes what becomes of the entries that were due. */
export async function moveOn(manager: EntityManager, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  await manager.query(
    `UPDATE schedule_entry SET
       next_run_at = move.next_run_at,
       enabled = move.next_run_at IS NOT NULL,
       problem = move.problem,
       last_run_at = coalesce(move.last_run_at, schedule_entry.last_run_at),
       last_task_id = coalesce(move.last_task_id, schedule_entry.last_task_id),
       total_runs = total_runs + move.sent_count
     FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::timestamptz[], $5::text[], $6::integer[])
       AS move(name, next_run_at, problem, last_run_at, last_task_id, sent_count)
     WHERE schedule_entry.name = move.name`,
    [
      moves.map(({ entry }) => entry),
      moves.map(({ nextRunAt }) => nextRunAt),
      moves.map(({ problem }) => problem),
      moves.map(({ last }) => last?.dueAt ?? null),
      moves.map(({ last }) => last?.taskId ?? null),
      moves.map(({ sentCount }) => sentCount),
    ],
  );
}
