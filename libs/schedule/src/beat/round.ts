/**
 * What became of a time at which an entry was due. `sent`: its task was. `skipped`: none, since the entry's last task
 * had not ended. `held`: none, since another task holds the key of the unique one. `refused`: the task cannot be sent
 * as it is, and the entry was disabled.
 */
export type TickOutcome = 'sent' | 'skipped' | 'held' | 'refused';

/** A time at which an entry was due, and what became of it. */
export interface DoneTick {
  entry: string;
  /** The task's name. */
  task: string;
  dueAt: Date;
  outcome: TickOutcome;
  /** Of the task that was sent, or that holds the key; of a broadcast, its own. */
  taskId: string | null;
  /** From when it was due until what became of it had been committed, in milliseconds. */
  lateMs: number;
}

/** A task that was sent. */
export interface SentTick extends DoneTick {
  outcome: 'sent';
  taskId: string;
}

/** An entry that was disabled, since it cannot be used as it is. */
export interface DisabledEntry {
  entry: string;
  problem: string;
}

/** What one round has done. */
export interface Round {
  /** How many entries were due. */
  found: number;
  ticks: DoneTick[];
  disabled: DisabledEntry[];
  /** In how many milliseconds to look again, from `clockReadAtMs` on; null: no entry is ever due. */
  nextInMs: number | null;
  /** When Postgres's clock was read for it, on the process's own (`performance.now()`), which is never set. */
  clockReadAtMs: number;
}

/** @returns the tasks that a round has sent */
export function sentOf({ ticks }: Round): SentTick[] {
  return ticks.filter((tick): tick is SentTick => tick.outcome === 'sent');
}

/** @returns the round, as soon as it has been committed: late is what is late by then */
export function committed(round: Round): Round {
  const sinceMs = performance.now() - round.clockReadAtMs;
  return { ...round, ticks: round.ticks.map((tick) => ({ ...tick, lateMs: Math.round(tick.lateMs + sinceMs) })) };
}
