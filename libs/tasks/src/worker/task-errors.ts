/**
 * ```
 * Error
 * ├── PermanentTaskError   thrown by a handler: do not try again
 * └── ClaimLostError       thrown to a handler: somebody else has the task now; have no effect
 * ```
 */

/** Thrown by a handler when trying again cannot help: the task fails at once, whatever retries are left. */
export class PermanentTaskError extends Error {
  override readonly name: string = 'PermanentTaskError';
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
