import type { TaskState } from '../contract/task-state.js';
import type { AttemptOutcome, LogLine, TaskError, TaskProgress } from './run-reports.js';

/** What has become of a task. */
export interface StoredResult {
  taskId: string;
  state: TaskState;
  /** As it came out of JSON; null before the end, and where there is none. */
  result: unknown;
  error: TaskError | null;
  progress: TaskProgress | null;
}

/** One run of a task. */
export interface StoredAttempt {
  /** 1 for the first run. */
  number: number;
  /** Node name of the worker, `name@host`. */
  worker: string;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** Null while it runs. */
  outcome: AttemptOutcome | null;
  error: TaskError | null;
  /** What its handler has logged; null when nothing. */
  log: LogLine[] | null;
}

/** What a worker that is not ours says of a task: what it is now, and its progress if it said any. */
export interface ForeignResult {
  taskId: string;
  state: Exclude<TaskState, 'PENDING'>;
  result: unknown;
  error: TaskError | null;
  progress: TaskProgress | null;
}

/** What those who ask for results need of a {@link TaskStore}. */
export interface ResultStore {
  /** What has become of these tasks; those that nobody knows are left out. */
  results(taskIds: readonly string[]): Promise<StoredResult[]>;
  /** The runs of a task, in their order. */
  attempts(taskId: string): Promise<StoredAttempt[]>;
  /**
   * Empties all of an ended task that its caller and its handler have put into it: arguments, headers, result,
   * progress, errors, logs. That it was there, and how it ended, stays.
   *
   * @returns false when there is no such task, or it has not ended
   */
  forget(taskId: string): Promise<boolean>;
  /**
   * Writes down what workers that are not ours say, each task once. Only a task that was sent elsewhere, that no
   * worker of ours has ever claimed and that has not ended, is changed by it: all else is passed over.
   *
   * @returns the ids of those that the store has no task of
   */
  settleForeign(results: readonly ForeignResult[]): Promise<string[]>;
}
