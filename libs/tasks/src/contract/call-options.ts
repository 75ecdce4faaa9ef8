/**
 * How a task is to be sent; the names and meanings are those of Celery's `apply_async` (`celery/app/task.py`).
 */
export interface CallOptions {
  /** Run it in so many seconds at the earliest, on Postgres's clock. Not together with `eta`. */
  countdown?: number;
  /** Run it then at the earliest. */
  eta?: Date;
  /** After so many seconds, or at that time, it is not started any more: REVOKED. */
  expires?: number | Date;
  /** After so many seconds of a run its signal aborts. @defaultValue the contract's */
  softTimeLimit?: number;
  /** After so many seconds a run is FAILURE(TimeLimitExceeded). @defaultValue the contract's */
  timeLimit?: number;
  /** AMQP priority, 0 to 255; counts in queues that have a `maxPriority`. @defaultValue its route's, the contract's */
  priority?: number;
  /** @defaultValue its route's (`taskRoutes`), the contract's */
  queue?: string;
  /** Empty: AMQP's default exchange. @defaultValue the one that the queue is bound to */
  exchange?: string;
  /** @defaultValue what the queue is bound by */
  routingKey?: string;
  /** Headers of one's own, which the handler gets. */
  headers?: Record<string, unknown>;
  /** The task's id. A task that has it already is left alone. @defaultValue a new UUIDv7 */
  taskId?: string;
  /**
   * Another call of this task with the same key, within a day, sends nothing, whatever has become of the first one.
   * Counts in place of the contract's `uniqueFor`.
   */
  idempotencyKey?: string;
  /** What the handler returns is not kept. @defaultValue the contract's */
  ignoreResult?: boolean;
  /** A name to show in place of the task's. */
  shadow?: string;
}
