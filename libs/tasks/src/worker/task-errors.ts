/**
 * ```
 * Error
 * ├── PermanentTaskError   thrown by a handler: do not try again
 * ├── RetryTaskError       thrown by a handler: try again, but not before some time
 * ├── SnoozeTaskError      thrown by a handler: run again later, at no cost
 * └── ClaimLostError       thrown to a handler: somebody else has the task now; have no effect
 * ```
 */

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

/** Thrown by a handler that cannot do its work now, through no fault of the task: it costs no retry. */
export class SnoozeTaskError extends Error {
  override readonly name = 'SnoozeTaskError';

  constructor(
    message: string,
    readonly countdownSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The run no longer holds its task: its lease has died and another worker may have it. Whatever it returns is ignored. */
export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError';

  constructor(
    readonly taskId: string,
    readonly attempt: number,
  ) {
    super(`Task ${taskId} is no longer held by attempt ${attempt}: another worker may be running it.`);
  }
}

/** The worker's handlers and contracts do not fit together. Found at boot. */
export class TaskWiringError extends Error {
  override readonly name = 'TaskWiringError';
}
