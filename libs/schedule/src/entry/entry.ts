import type { Schedule } from '../timing/schedule.js';

/** All there is of {@link Missed}. */
export const MISSED = ['skip', 'last', 'all'] as const;

/**
 * What becomes of the times at which no beat was running. `skip`: nothing. `last`: one task, for the last of them.
 * `all`: a task for each, up to a limit.
 */
export type Missed = (typeof MISSED)[number];

/** All there is of {@link Overlap}. */
export const OVERLAPS = ['allow', 'skip'] as const;

/** Whether a task is sent while the entry's last one has not ended. */
export type Overlap = (typeof OVERLAPS)[number];

/** How an entry's tasks are sent; as in a call. */
export interface EntryOptions {
  queue?: string;
  priority?: number;
  headers?: Record<string, unknown>;
  /** After so many seconds a task is not started any more. */
  expires?: number;
}

/** A periodic task, as one writes it. */
export interface EntryDefinition {
  name: string;
  /** The task's name. */
  task: string;
  args: unknown[];
  kwargs: Record<string, unknown>;
  options: EntryOptions;
  schedule: Schedule;
  enabled: boolean;
  description: string;
  /** Before that it is not due; null: from now on. */
  startsAt: Date | null;
  /** From then on it is not due; null: for ever. */
  endsAt: Date | null;
  /** Disabled when its first task has been sent. */
  oneOff: boolean;
  missed: Missed;
  overlap: Overlap;
  /** Its tasks start up to so many seconds later, each at a time of its own. */
  jitterSeconds: number;
}

/** A definition as JSON has it, with its times as text: so the code's is kept, and compared with that of the database. */
export type JsonDefinition = Record<string, unknown>;

/** A periodic task, and what has become of it so far. */
export interface Entry extends Omit<EntryDefinition, 'schedule'> {
  /** Null: what is stored is no schedule; `problem` says why. */
  schedule: Schedule | null;
  /** Null: never, or disabled. */
  nextRunAt: Date | null;
  /** The time for which the last task was sent. */
  lastRunAt: Date | null;
  /** Of the last task that was sent; of a broadcast, whose workers each have a run of their own, its id. */
  lastTaskId: string | null;
  /** How many tasks were sent. */
  totalRuns: number;
  /** Why it cannot be used, and is disabled; null when it can. */
  problem: string | null;
  /** As the code says it, or said it last; null: it does not come from the code. */
  declared: JsonDefinition | null;
  createdAt: Date;
}

/** The fields that one writes oneself. */
export const DEFINITION = [
  'name',
  'task',
  'args',
  'kwargs',
  'options',
  'schedule',
  'enabled',
  'description',
  'startsAt',
  'endsAt',
  'oneOff',
  'missed',
  'overlap',
  'jitterSeconds',
] as const satisfies ReadonlyArray<keyof EntryDefinition>;

/** @returns the part of an entry that one writes oneself */
export function definitionOf<Row extends Record<(typeof DEFINITION)[number], unknown>>(
  row: Row,
): Pick<Row, (typeof DEFINITION)[number]> {
  return Object.fromEntries(DEFINITION.map((field) => [field, row[field]])) as Pick<Row, (typeof DEFINITION)[number]>;
}
