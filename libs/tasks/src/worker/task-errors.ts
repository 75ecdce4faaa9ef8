import { issueList, type SchemaIssue } from '../contract/schema-issue.js';

/**
 * ```
 * Error
 * ├── PermanentTaskError      thrown by a handler: do not try again
 * │   └── InvalidTaskOutputError  what it returned does not fit its contract
 * ├── RetryTaskError          thrown by a handler: try again, but not before some time
 * ├── TaskPredicate           how a run ends on purpose: passes all filters
 * │   ├── RetryRequestedError thrown by task.retry(): try again just then
 * │   ├── SnoozeTaskError     thrown by a handler or task.snooze(): run again later, at no cost
 * │   ├── RejectTaskError     thrown by task.reject(): it has failed, and its message is a dead letter
 * │   └── IgnoreTaskError     thrown by task.ignore(): it has ended, and there is nothing to tell
 * ├── MaxRetriesExceededError what became of a task whose task.retry() gave no error
 * ├── ClaimLostError          thrown to a handler: somebody else has the task now; have no effect
 * ├── ThreadLostError         the thread that ran it came to an end; tried again as any error
 * ├── SoftTimeLimitExceeded   reason of a run's signal: come to an end
 * ├── TimeLimitExceeded       reason of a run's signal: it has been ended as FAILURE
 * ├── TaskRevokedError        reason of a run's signal: nobody wants it any more
 * ├── WorkerStoppedError      reason of a run's signal: it has been given back, another worker will run it
 * └── TaskWiringError         thrown at boot: handlers and contracts do not fit together
 * ```
 */

/** A run that ends on purpose, and in no error: it is no business of the filters. Celery's word. */
export abstract class TaskPredicate extends Error {}

/** Thrown by a handler when trying again cannot help: the task fails at once, whatever retries are left. */
export class PermanentTaskError extends Error {
  override readonly name: string = 'PermanentTaskError';
}

/**
 * Thrown by a handler that failed and knows how long another try had better wait at least. It costs a retry, as any
 * error does, and the wait is the longer one of this and the backoff.
 */
export class RetryTaskError extends Error {
  override readonly name: string = 'RetryTaskError';

  constructor(
    message: string,
    readonly minCountdownSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Thrown by `task.retry()`: the task is tried again, after just that time. Let it pass. */
export class RetryRequestedError extends TaskPredicate {
  override readonly name = 'RetryRequestedError';

  constructor(
    /** Null: the contract's `defaultRetryDelay`. */
    readonly countdownSeconds: number | null,
    /** As in the contract; undefined: what the contract says. */
    readonly maxRetries: number | null | undefined,
    /** Why, where the handler has said so. */
    override readonly cause?: unknown,
  ) {
    super('The handler asked for another try.');
  }
}

/** A task asked to be tried again, and its retries are used up. */
export class MaxRetriesExceededError extends Error {
  override readonly name = 'MaxRetriesExceededError';

  constructor(readonly maxRetries: number | null) {
    super(`The task asked for another try, but has been retried ${maxRetries} times already.`);
  }
}

/** Thrown by `task.reject()`: the task has failed, and its message is a dead letter. Let it pass. */
export class RejectTaskError extends TaskPredicate {
  override readonly name = 'RejectTaskError';
}

/** Thrown by `task.ignore()`: the task has ended, and there is nothing to keep or to tell of it. Let it pass. */
export class IgnoreTaskError extends TaskPredicate {
  override readonly name = 'IgnoreTaskError';

  constructor() {
    super('There is nothing to tell of this run.');
  }
}

/** Thrown by a handler that cannot do its work now, through no fault of the task: it costs no retry. */
export class SnoozeTaskError extends TaskPredicate {
  override readonly name = 'SnoozeTaskError';

  constructor(
    message: string,
    readonly countdownSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * The run no longer holds its task: its lease has died and another worker may have it. Whatever it returns is ignored.
 */
export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError';

  constructor(
    readonly taskId: string,
    readonly attempt: number,
  ) {
    super(`Task ${taskId} is no longer held by attempt ${attempt}: another worker may be running it.`);
  }
}

/** The thread that ran a task came to an end in the middle: out of memory, `process.exit`, an error nobody caught. */
export class ThreadLostError extends Error {
  override readonly name = 'ThreadLostError';

  constructor(cause: unknown) {
    super(`The thread that ran the task came to an end: ${String(cause)}`, { cause });
  }
}

/** The run has taken longer than its soft limit. It may still end in its own way. */
export class SoftTimeLimitExceeded extends Error {
  override readonly name = 'SoftTimeLimitExceeded';

  constructor(readonly limitSeconds: number) {
    super(`The run has taken longer than its soft limit of ${limitSeconds} s.`);
  }
}

/** The run has taken longer than its hard limit: the task is FAILURE, whatever the run still says. */
export class TimeLimitExceeded extends Error {
  override readonly name = 'TimeLimitExceeded';

  constructor(readonly limitSeconds: number) {
    super(`The run has taken longer than its limit of ${limitSeconds} s.`);
  }
}

/** The task was revoked while it was being run. */
export class TaskRevokedError extends Error {
  override readonly name = 'TaskRevokedError';

  constructor(
    readonly taskId: string,
    /** The task is REVOKED, whatever the run still says; otherwise the run decides. */
    readonly terminated: boolean,
  ) {
    super(`Task ${taskId} was revoked while it was being run.`);
  }
}

/** The worker stops and can wait no longer: the task has been given back. Whatever the run still says is ignored. */
export class WorkerStoppedError extends Error {
  override readonly name = 'WorkerStoppedError';

  constructor() {
    super('The worker stops and can wait no longer.');
  }
}

/** What a handler returned does not fit its contract. Its work is done, and doing it again cannot help. */
export class InvalidTaskOutputError extends PermanentTaskError {
  override readonly name = 'InvalidTaskOutputError';

  constructor(
    readonly taskName: string,
    readonly issues: SchemaIssue[],
  ) {
    super(`What the handler of task ${taskName} returned does not fit its contract: ${issueList(issues, 'output')}`);
  }
}

/** The worker's handlers and contracts do not fit together. Found at boot. */
export class TaskWiringError extends Error {
  override readonly name = 'TaskWiringError';
}
