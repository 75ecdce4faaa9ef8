import type { RetryPolicy } from '../contract/task-options.js';

/**
 * How long the next retry waits: Celery's `get_exponential_backoff_interval` (`celery/utils/time.py`). With jitter a
 * whole number of seconds is drawn between 0 and the computed one, both included.
 *
 * @param retries - retries used up so far: 0 before the first retry
 * @param random - a number in [0, 1)
 * @returns seconds
 */
export function retryCountdownSeconds(policy: RetryPolicy, retries: number, random: () => number): number {
  // The exponent is bounded: infinity times a backoff of 0 would be no number.
  const countdown = Math.min(policy.retryBackoffMax, policy.retryBackoff * 2 ** Math.min(retries, 1000));
  return Math.max(0, policy.retryJitter ? Math.floor(random() * (countdown + 1)) : countdown);
}

/** @returns whether a task that has been retried `retries` times may be tried once more */
export function hasRetriesLeft(policy: Pick<RetryPolicy, 'maxRetries'>, retries: number): boolean {
  return policy.maxRetries === null || retries < policy.maxRetries;
}
