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
  /** AMQP priority, 0 to 255; counts in queues declared with `x-max-priority`. @defaultValue the contract's */
  priority?: number;
  /** Another queue than the contract's, and the exchange and routing key of that name. */
  queue?: string;
  /** @defaultValue the queue's name */
  exchange?: string;
  /** @defaultValue the queue's name */
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

/** An option of a call that makes no sense. Nothing is sent. */
export class InvalidCallOptionError extends Error {
  override readonly name = 'InvalidCallOptionError';

  constructor(
    readonly taskName: string,
    readonly option: keyof CallOptions,
    readonly given: unknown,
    expected: string,
  ) {
    super(`Task ${taskName} was called with ${option}=${String(given)}: ${expected}.`);
  }
}

/** @throws {@link InvalidCallOptionError} */
export function assertCallOptions(taskName: string, options: CallOptions): void {
  const { countdown, eta, expires, priority, softTimeLimit = 0, timeLimit = Infinity } = options;
  const refuse = (option: keyof CallOptions, expected: string): never => {
    throw new InvalidCallOptionError(taskName, option, options[option], expected);
  };
  if (countdown !== undefined && eta !== undefined) refuse('countdown', 'there is an eta too, give one of them');
  if (countdown !== undefined && !(countdown >= 0 && countdown < Infinity)) refuse('countdown', 'expected seconds');
  if (eta !== undefined && Number.isNaN(eta.getTime())) refuse('eta', 'expected a valid date');
  if (expires instanceof Date && Number.isNaN(expires.getTime())) refuse('expires', 'expected a valid date');
  for (const option of ['expires', 'softTimeLimit', 'timeLimit'] as const) {
    const seconds = options[option];
    if (typeof seconds === 'number' && !(seconds > 0 && seconds < Infinity)) refuse(option, 'expected seconds above 0');
  }
  if (softTimeLimit > timeLimit) refuse('softTimeLimit', `expected no more than the timeLimit, ${timeLimit}`);
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 255)) {
    refuse('priority', 'expected a whole number from 0 to 255');
  }
  for (const option of ['queue', 'routingKey', 'taskId', 'idempotencyKey', 'shadow'] as const) {
    if (options[option] === '') refuse(option, 'expected some text');
  }
}
