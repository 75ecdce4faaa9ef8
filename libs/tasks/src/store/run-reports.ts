/** How one run of a task ended. `IGNORED`: the task is SUCCESS, and there is nothing to tell of it. */
export type AttemptOutcome = 'SUCCESS' | 'IGNORED' | 'FAILURE' | 'REVOKED' | 'RETRY' | 'SNOOZE' | 'WORKER_LOST';

/** What a run has said of itself, in its handler's own words; `PROGRESS` where it counts. */
export interface TaskProgress {
  state: string;
  /** A Python worker may say anything. */
  meta: unknown;
}

/** How much a line of a handler's log matters; Nest's names. */
export type LogLevel = 'debug' | 'log' | 'warn' | 'error';

/** One line that a handler has logged. */
export interface LogLine {
  /** ISO 8601, by the worker's clock. */
  at: string;
  level: LogLevel;
  message: string;
}

/** An exception as data. It is never made into an exception again. */
export interface TaskError {
  type: string;
  message: string;
  /** The stack, or null where it says nothing. */
  stack: string | null;
}
