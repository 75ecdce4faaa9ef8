import { InvalidTaskInputError } from '../contract/invalid-task-input.error.js';
import type { RetryPolicy } from '../contract/task-options.js';
import type { TaskError } from '../store/task-store.js';
import { hasRetriesLeft, retryCountdownSeconds } from './retry-policy.js';
import { ClaimLostError, PermanentTaskError, RetryTaskError, SnoozeTaskError } from './task-errors.js';

/** Whoever has the claim now is at it, or nobody is: then the next one comes soon. */
const CLAIM_LOST_PAUSE_SECONDS = 1;

/** What follows from one run of a handler. */
export type Outcome =
  | { state: 'SUCCESS'; result: unknown }
  | { state: 'RETRY'; error: TaskError; countdownSeconds: number }
  /** Put off: as if this run had not been. */
  | { state: 'SNOOZE'; countdownSeconds: number }
  | { state: 'FAILURE'; error: TaskError; deadLetterReason: string | null };

/**
 * What follows from an error that a handler threw: a retry while retries are left, then FAILURE. An error that says
 * it is permanent ends the task at once, and input that fails its schema is a dead letter as well. A run that was put
 * off, or that lost its claim before it had an effect, costs nothing.
 *
 * @param retries - retries used up so far
 */
export function outcomeOfError(
  thrown: unknown,
  policy: RetryPolicy,
  retries: number,
  random: () => number = Math.random,
): Outcome {
  if (thrown instanceof SnoozeTaskError) return { state: 'SNOOZE', countdownSeconds: thrown.countdownSeconds };
  if (thrown instanceof ClaimLostError) return { state: 'SNOOZE', countdownSeconds: CLAIM_LOST_PAUSE_SECONDS };
  const error = toTaskError(thrown);
  if (thrown instanceof InvalidTaskInputError) return { state: 'FAILURE', error, deadLetterReason: thrown.message };
  if (thrown instanceof PermanentTaskError || !hasRetriesLeft(policy, retries)) {
    return { state: 'FAILURE', error, deadLetterReason: null };
  }
  const backoffSeconds = retryCountdownSeconds(policy, retries, random);
  const minSeconds = thrown instanceof RetryTaskError ? thrown.minCountdownSeconds : 0;
  return { state: 'RETRY', error, countdownSeconds: Math.max(backoffSeconds, minSeconds) };
}

/** Whatever was thrown, as data. */
export function toTaskError(thrown: unknown): TaskError {
  if (thrown instanceof Error) {
    return { type: thrown.name, message: thrown.message, stack: thrown.stack ?? null };
  }
  return { type: typeof thrown, message: String(thrown), stack: null };
}
