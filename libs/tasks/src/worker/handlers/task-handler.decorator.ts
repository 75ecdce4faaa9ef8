import 'reflect-metadata';
import type { TaskContract } from '../../contract/define-task.js';
import type { TaskContext } from '../task-context.js';

/** On the method: the contract that it handles. */
export const HANDLER_METADATA = 'celeriac:task_handler';
/** On the class, by method name: the method's parameters. Nest runs pipes only on parameters that have such. */
export const PARAMETERS_METADATA = 'celeriac:task_parameters';

/** @returns the contract that a method handles, as {@link TaskHandler} has marked it */
export function handledContract(method: object): TaskContract | undefined {
  return Reflect.getMetadata(HANDLER_METADATA, method) as TaskContract | undefined;
}

/** The positions of a handler's parameters, which are the keys of their metadata too. */
export const INPUT_PARAMETER = 0;
export const CONTEXT_PARAMETER = 1;

/** A handler's method: input first, then the context, which it may leave out. It returns the contract's output. */
export type HandlerMethod<Input, Output> = (input: Input, task: TaskContext) => Output | Promise<Output>;

/**
 * Marks a method of an injectable as the handler of a task. Guards, pipes, interceptors and filters apply to it as to
 * a route's handler; their execution context is of type `rpc`, with the input as data and the {@link TaskContext} as
 * context.
 *
 * ```ts
 * @TaskHandler(sendEmail)
 * async send(input: SendEmail, task: TaskContext) { ... }
 * ```
 */
export function TaskHandler<Input, Output>(contract: TaskContract<Input, Output>) {
  return <Method extends HandlerMethod<Input, Output>>(
    target: object,
    methodName: string,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    Reflect.defineMetadata(HANDLER_METADATA, contract, descriptor.value as object);
    const parameters = Object.fromEntries(
      [INPUT_PARAMETER, CONTEXT_PARAMETER].map((index) => [index, { index, pipes: [] }]),
    );
    Reflect.defineMetadata(PARAMETERS_METADATA, parameters, target.constructor, methodName);
  };
}
