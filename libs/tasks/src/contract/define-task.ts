import type { StandardSchemaV1 } from '@standard-schema/spec';
import { checkOptions } from './check-options.js';
import type { ErrorRules } from './error-rules.js';
import { DEFAULT_TASK_OPTIONS, type TaskOptions } from './task-options.js';

/** A Standard Schema (zod, valibot, ...) whose output is the input of a task. */
export type InputSchema<Input = unknown> = StandardSchemaV1<unknown, Input>;

/** What {@link defineTask} must be told, and what code alone can say. */
interface TaskIdentity<Input> extends ErrorRules {
  /** The name on the wire, as in `@app.task(name=...)`; for example `mail.send_email`. */
  readonly name: string;
  /** Checks the input at the call and once more in the worker. Must describe an object: it travels as kwargs. */
  readonly input: InputSchema<Input>;
  /** The queue that the task is sent to. */
  readonly queue: string;
  /**
   * Whose rate a call counts to, for example the provider's or the customer's: each key has the `rateLimit` for itself.
   * If it throws, or the input is refused, the call counts to the task as a whole. Up to 255 characters.
   */
  rateLimitKey?(input: Input): string;
}

/** What {@link defineTask} takes. */
export type TaskDefinition<Input> = TaskIdentity<Input> &
  Partial<TaskOptions> & {
    /**
     * The fields of the input that positional arguments stand for, in their order, as in the signature of a Python
     * function: with `['x', 'y']` a Python client may call `add.delay(2, 3)`. The result of the task before it in a
     * chain is the first of them. @defaultValue none: keyword arguments only
     */
    readonly args?: ReadonlyArray<keyof NoInfer<Input> & string>;
  };

/** A task's contract: plain data, shared by who sends it and who runs it. Made by {@link defineTask}. */
export interface TaskContract<Input = unknown> extends TaskIdentity<Input>, Readonly<TaskOptions> {
  /** The names of positional arguments. */
  readonly args: readonly string[];
}

/**
 * Defines the contract of a task.
 *
 * @param definition - name, input schema, queue, and the options where {@link DEFAULT_TASK_OPTIONS} do not fit
 * @returns a frozen contract
 * @throws {@link InvalidTaskOptionError} when an option makes no sense
 */
export function defineTask<Input>(definition: TaskDefinition<Input>): TaskContract<Input> {
  return Object.freeze(checkOptions({ args: [], ...DEFAULT_TASK_OPTIONS, ...definition }));
}
