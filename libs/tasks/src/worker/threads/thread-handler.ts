import { existsSync } from 'node:fs';
import type { ValueProvider } from '@nestjs/common';
import type { TaskContract } from '../../contract/define-task.js';
import { TaskWiringError } from '../task-errors.js';
import type { ThreadTaskContext } from './thread-context.js';

/**
 * What the module of a {@link threadHandler} exports as its default: it takes the contract's input and returns its output.
 *
 * @typeParam Contract - of the task, as `typeof` says it
 */
export type ThreadTask<Contract = TaskContract> =
  Contract extends TaskContract<infer Input, infer Output>
    ? (input: Input, task: ThreadTaskContext) => Output | Promise<Output>
    : never;

/** The handler of a task as a module that threads load. Made by {@link threadHandler}. */
export class ThreadHandler {
  constructor(
    readonly contract: TaskContract,
    readonly module: URL,
  ) {}
}

/**
 * A provider that handles a task in a thread of the worker's pool: for work that holds the CPU, which would hold up
 * all other tasks in the event loop. Put it among the providers of a module, as you would a class with a
 * `@TaskHandler` method.
 *
 * ```ts
 * // resize.thread.ts; import as little as you can, for each thread loads it anew
 * import { PermanentTaskError, type ThreadTask } from '@celeriac/tasks/thread';
 * import type { resize } from './resize.task.js';
 *
 * const run: ThreadTask<typeof resize> = ({ path, width }, task) => {
 *   for (const tile of tilesOf(path)) {
 *     task.signal.throwIfAborted(); // the soft time limit, a revoke
 *     shrink(tile, width);
 *   }
 * };
 * export default run;
 *
 * // the worker's module
 * providers: [threadHandler(resize, new URL('./resize.thread.js', import.meta.url))]
 * ```
 *
 * The function gets its input checked, and a {@link ThreadTaskContext}. What it returns must be JSON. What it throws
 * means what it means in other handlers; but on the way out of the thread only our own error classes, JavaScript's and
 * those that the contract names (`autoretryFor` ...) keep their class. One that extends such a class is that one, under
 * its own name; any other is an ordinary error with its name.
 *
 * The hard time limit, a revoke with `terminate`, and a stop of the worker that can wait no longer end the thread,
 * whatever it does (only native code is let come to its end). A thread that ends by itself (`process.exit`, out of
 * memory) fails its run with {@link ThreadLostError}, which is tried again as any error.
 *
 * There is no Nest in a thread: no injection, and guards, pipes, interceptors and filters do not apply.
 *
 * A task is claimed when a thread is free for it; it counts in the worker's `concurrency` as well. Thread tasks that
 * wait take up room in the worker's prefetch: if they come in numbers, give them a queue of their own.
 *
 * @param module - the compiled module, whose default export is a {@link ThreadTask}
 * @throws {@link TaskWiringError} when there is no such file
 */
export function threadHandler<Input, Output>(
  contract: TaskContract<Input, Output>,
  module: URL,
): ValueProvider<ThreadHandler> {
  if (module.protocol !== 'file:' || !existsSync(module)) {
    throw new TaskWiringError(
      `The handler of task ${contract.name} should be in ${module.href}, but there is no such file: name the compiled ` +
        `one, new URL('./resize.thread.js', import.meta.url), and see that the build includes it.`,
    );
  }
  return { provide: Symbol(`thread ${contract.name}`), useValue: new ThreadHandler(contract, module) };
}
