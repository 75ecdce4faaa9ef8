import { InvalidTaskInputError } from '../contract/invalid-task-input.error.js';
import type { RetryPolicy } from '../contract/define-task.js';
import type { TaskError } from '../store/task-store.js';
import { hasRetriesLeft, retryCountdownSeconds } from './retry-policy.js';
import { PermanentTaskError } from './task-errors.js';

/** What follows from one run of a handler. */
export type Outcome =
  | { state: 'SUCCESS'; result: unknown }
  | { state: 'RETRY'; error: TaskError; countdownSeconds: number }
  | { state: 'FAILURE'; error: TaskError; deadLetterReason: string | null };

/**
 * What follows from an error that a handler threw: a retry while retries are left, then FAILURE. An error that says
 * it is permanent ends the task at once, and input that fails its schema is a dead letter as well.
 *
 * @param retries - retries used up so far
 */
export function outcomeOfError(
  thrown: unknown,
  policy: RetryPolicy,
  retries: number,
  random: () => number = Math.random,
): Outcome {
  const error = toTaskError(thrown);
  if (thrown instanceof InvalidTaskInputError) return { state: 'FAILURE', error, deadLetterReason: thrown.message };
  if (thrown instanceof PermanentTaskError || !hasRetriesLeft(policy, retries)) {
    return { state: 'FAILURE', error, deadLetterReason: null };
  }
  return { state: 'RETRY', error, countdownSeconds: retryCountdownSeconds(policy, retries, random) };
}

/** Whatever was thrown, as data. */
export function toTaskError(thrown: unknown): TaskError {
  if (thrown instanceof Error) {
    return { type: thrown.name, message: thrown.message, stack: thrown.stack ?? null };
  }
  return { type: typeof thrown, message: String(thrown), stack: null };
}
