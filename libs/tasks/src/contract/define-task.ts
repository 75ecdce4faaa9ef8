import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A Standard Schema (zod, valibot, ...) whose output is the input of a task. */
export type InputSchema<Input = unknown> = StandardSchemaV1<unknown, Input>;

/**
 * How often and after what time a task that failed is tried again. The names and meanings are Celery's
 * (`celery/app/task.py`, `celery/utils/time.py`); times are in seconds, as there.
 */
export interface RetryPolicy {
  /** Retries after the first try; `null` retries for ever. */
  maxRetries: number | null;
  /** Factor of the exponential backoff in seconds: the n-th retry waits `retryBackoff * 2^n`. */
  retryBackoff: number;
  /** Longest wait in seconds. */
  retryBackoffMax: number;
  /** Draw the wait at random between 0 and the computed one, so that retries do not come in a wave. */
  retryJitter: boolean;
}

/** What {@link defineTask} takes. */
export interface TaskDefinition<Input> extends Partial<RetryPolicy> {
  /** The name on the wire, as in `@app.task(name=...)`; for example `mail.send_email`. */
  name: string;
  /** Checks the input at the call and once more in the worker. Must describe an object: it travels as kwargs. */
  input: InputSchema<Input>;
  /** The queue that the task is sent to. */
  queue: string;
}

/** A task's contract: plain data, shared by who sends it and who runs it. Made by {@link defineTask}. */
export interface TaskContract<Input = unknown> extends RetryPolicy {
  readonly name: string;
  readonly input: InputSchema<Input>;
  readonly queue: string;
}

/**
 * Defines the contract of a task.
 *
 * @param definition - name, input schema, queue and, where the defaults do not fit, the retry policy:
 * `maxRetries` 3, `retryBackoff` 1 s, `retryBackoffMax` 600 s, `retryJitter` true.
 * @returns a frozen contract
 */
export function defineTask<Input>(definition: TaskDefinition<Input>): TaskContract<Input> {
  return Object.freeze({
    maxRetries: 3,
    retryBackoff: 1,
    retryBackoffMax: 600,
    retryJitter: true,
    ...definition,
  });
}
