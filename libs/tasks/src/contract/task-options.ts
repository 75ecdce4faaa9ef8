import type { EndState } from './task-state.js';

/**
 * How often and after what time a task that failed is tried again. The names and meanings are Celery's
 * (`celery/app/task.py`, `celery/utils/time.py`); times are in seconds, as there.
 */
export interface RetryPolicy {
  /** Retries after the first try; `null` retries for ever. @defaultValue 3 */
  maxRetries: number | null;
  /** Factor of the exponential backoff in seconds: the n-th retry waits `retryBackoff * 2^n`. @defaultValue 1 */
  retryBackoff: number;
  /** Longest wait in seconds. @defaultValue 600 */
  retryBackoffMax: number;
  /** Draw the wait at random, up to the computed one, so that retries do not come in a wave. @defaultValue true */
  retryJitter: boolean;
}

/**
 * Everything about a task that is a plain value, and that configuration may change without touching code (Celery's
 * `task_annotations`). The names are Celery's; times are in seconds, as there.
 */
export interface TaskOptions extends RetryPolicy {
  /** How long `task.retry()` waits when it says nothing itself. @defaultValue 180 */
  defaultRetryDelay: number;
  /** After so many seconds `task.signal` aborts with {@link SoftTimeLimitExceeded}; null: never. @defaultValue null */
  softTimeLimit: number | null;
  /** After so many seconds the run is FAILURE(TimeLimitExceeded), whatever it does; null: never. @defaultValue null */
  timeLimit: number | null;
  /**
   * Run a task again that its worker did not bring to an end, since it died or stopped. `false`: the task runs once at
   * most, and is FAILURE(WorkerLostError) then. (A message is acknowledged once the end is recorded in either case.)
   * @defaultValue true (Celery's is false)
   */
  acksLate: boolean;
  /**
   * Run a task again whose worker died in the middle. `false`: it is FAILURE(WorkerLostError) then.
   * @defaultValue true (Celery's is false)
   */
  rejectOnWorkerLost: boolean;
  /**
   * How many may start in a time over all workers: `10/s`, `100/m`, `1000/h`; null: as many as can. With a
   * `rateLimitKey` on the contract, how many of each key. `TaskClient.setRateLimit` counts more. @defaultValue null
   */
  rateLimit: string | null;
  /** AMQP priority of calls that name none, 0 to 255. @defaultValue 0 */
  priority: number;
  /** What the handler returns is not kept. @defaultValue false */
  ignoreResult: boolean;
  /**
   * For so many seconds after a call, another one with the same input sends nothing while that task has not ended;
   * null: each call is a task of its own. What is the same: the contract's `uniqueKey`. @defaultValue null
   */
  uniqueFor: number | null;
  /** Ends after which a task counts for `uniqueFor` too, for example SUCCESS. @defaultValue none */
  uniqueStates: readonly EndState[];
  /**
   * So many seconds after it has ended, the task may be forgotten, unless another call still counts as the same
   * (`uniqueFor`, an idempotency key); null: it is kept. @defaultValue null
   */
  retention: number | null;
}

/** What a contract does not say itself. */
export const DEFAULT_TASK_OPTIONS: Readonly<TaskOptions> = Object.freeze({
  maxRetries: 3,
  retryBackoff: 1,
  retryBackoffMax: 600,
  retryJitter: true,
  defaultRetryDelay: 180,
  softTimeLimit: null,
  timeLimit: null,
  acksLate: true,
  rejectOnWorkerLost: true,
  rateLimit: null,
  priority: 0,
  ignoreResult: false,
  uniqueFor: null,
  uniqueStates: Object.freeze([]),
  retention: null,
});
