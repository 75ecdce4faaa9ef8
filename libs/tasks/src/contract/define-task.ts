import type { StandardSchemaV1 } from '@standard-schema/spec';
import { checkOptions } from './check-options.js';
import type { ErrorRules } from './error-rules.js';
import { DEFAULT_TASK_OPTIONS, type TaskOptions } from './task-options.js';

/** A Standard Schema (zod, valibot, ...) whose output is the input of a task. */
export type InputSchema<Input = unknown> = StandardSchemaV1<unknown, Input>;

/** A Standard Schema whose output is what a task returns. */
export type OutputSchema<Output = unknown> = StandardSchemaV1<unknown, Output>;

/** What {@link defineTask} must be told, and what code alone can say. */
interface TaskIdentity<Input, Output> extends ErrorRules {
  /** The name on the wire, as in `@app.task(name=...)`; for example `mail.send_email`. */
  readonly name: string;
  /** Checks the input at the call and once more in the worker. Must describe an object: it travels as kwargs. */
  readonly input: InputSchema<Input>;
  /** The queue that the task is sent to. */
  readonly queue: string;
  /**
   * Checks in the worker what the handler returned, and gives `AsyncResult.get()` its type; what it gets has been JSON
   * in between. @defaultValue anything goes, of type unknown
   */
  readonly output?: OutputSchema<Output>;
  /**
   * The fields of the input, as `password` or `card.number`, that nobody may see: logs, events, Flower and pages show
   * `***`. Of a list, that field of each item. The message's body has their values. @defaultValue none
   */
  readonly secret?: readonly string[];
  /**
   * With {@link TaskOptions.uniqueFor}: what makes two inputs the same task, such as a customer's id.
   * @defaultValue the whole input
   */
  uniqueKey?(input: Input): unknown;
  /**
   * Whose rate a call counts to, for example the provider's or the customer's: each key has the `rateLimit` for itself.
   * If it throws, or the input is refused, the call counts to the task as a whole. Up to 255 characters.
   */
  rateLimitKey?(input: Input): string;
}

/** A field of the input, or something inside of it. */
type FieldPath<Input> = `${keyof Input & string}${'' | `.${string}`}`;

/** What {@link defineTask} takes. */
export type TaskDefinition<Input, Output = unknown> = TaskIdentity<Input, Output> &
  Partial<TaskOptions> & {
    readonly secret?: ReadonlyArray<FieldPath<Input>>;
    /**
     * The fields of the input that positional arguments stand for, in their order, as in the signature of a Python
     * function: with `['x', 'y']` a Python client may call `add.delay(2, 3)`. The result of the task before it in a
     * chain is the first of them. @defaultValue none: keyword arguments only
     */
    readonly args?: ReadonlyArray<keyof NoInfer<Input> & string>;
  };

/** A task's contract: plain data, shared by who sends it and who runs it. Made by {@link defineTask}. */
export interface TaskContract<Input = unknown, Output = unknown>
  extends TaskIdentity<Input, Output>, Readonly<TaskOptions> {
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
export function defineTask<Input, Output = unknown>(
  definition: TaskDefinition<Input, Output>,
): TaskContract<Input, Output> {
  return Object.freeze(checkOptions({ args: [], ...DEFAULT_TASK_OPTIONS, ...definition }));
}
