/**
 * ```
 * Error
 * ├── UnknownTaskError        there is no task with this id
 * ├── TaskFailedError         thrown by get(): the task is FAILURE
 * ├── ResultRevokedError      thrown by get(): the task is REVOKED
 * ├── ResultTimeoutError      thrown by get(): it has not ended in time
 * └── ResultsClosedError      thrown by get(): this process stops
 * ```
 */
import type { TaskState } from '../contract/task-state.js';
import type { TaskError } from '../store/task-store.js';

/** There is no task with this id: it was never sent, or has been forgotten. */
export class UnknownTaskError extends Error {
  override readonly name = 'UnknownTaskError';

  constructor(readonly taskId: string) {
    super(`There is no task ${taskId}.`);
  }
}

/** The task whose result is wanted has failed. */
export class TaskFailedError extends Error {
  override readonly name = 'TaskFailedError';

  constructor(
    readonly taskId: string,
    /** What its handler threw, as data. */
    readonly error: TaskError,
  ) {
    super(`Task ${taskId} failed: ${error.type}: ${error.message}`);
  }
}

/** The task whose result is wanted was revoked, or had expired before its turn. */
export class ResultRevokedError extends Error {
  override readonly name = 'ResultRevokedError';

  constructor(readonly taskId: string) {
    super(`Task ${taskId} has no result: it was revoked, or had expired before its turn.`);
  }
}

/** The task whose result is wanted has not ended in time. It goes on. */
export class ResultTimeoutError extends Error {
  override readonly name = 'ResultTimeoutError';

  constructor(
    readonly taskId: string,
    readonly timeoutMs: number,
    /** The last that was known of it; null when the store could not be asked. */
    readonly state: TaskState | null,
  ) {
    super(`Task ${taskId} has not ended within ${timeoutMs} ms; it is ${state ?? 'not known what it is'}.`);
  }
}

/** Nobody can wait for a result any more: this process stops. The task goes on. */
export class ResultsClosedError extends Error {
  override readonly name = 'ResultsClosedError';

  constructor(readonly taskId: string) {
    super(`The result of task ${taskId} cannot be waited for any more: this process stops.`);
  }
}
