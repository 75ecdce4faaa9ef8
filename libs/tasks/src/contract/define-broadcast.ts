import { defineTask, type TaskContract, type TaskDefinition } from './define-task.js';
import { InvalidTaskOptionError } from './invalid-task-option.error.js';

/** The contract of a task that each worker runs once. Made by {@link defineBroadcast}. */
export interface BroadcastContract<Input = unknown, Output = unknown> extends TaskContract<Input, Output> {
  readonly broadcast: true;
}

/** The contract of a task that one worker runs. */
export type SingleContract<Input = unknown, Output = unknown> = TaskContract<Input, Output> & {
  readonly broadcast?: never;
};

/**
 * Defines the contract of a task that each worker of its queue runs once, such as emptying a cache. It is handled as
 * any other, and sent with `TaskClient.broadcast`.
 *
 * @param definition - as that of {@link defineTask}, without `uniqueFor`
 * @returns a frozen contract
 * @throws {@link InvalidTaskOptionError} when an option makes no sense
 */
export function defineBroadcast<Input, Output = unknown>(
  definition: TaskDefinition<Input, Output>,
): BroadcastContract<Input, Output> {
  const { uniqueFor, ...contract } = defineTask(definition);
  if (uniqueFor !== null) {
    throw new InvalidTaskOptionError(definition.name, 'uniqueFor', uniqueFor, 'none: a broadcast is sent each time');
  }
  return Object.freeze({ ...contract, uniqueFor, broadcast: true });
}

/** @returns whether each worker runs the task, and not one of them */
export function isBroadcast(contract: TaskContract): contract is BroadcastContract {
  return 'broadcast' in contract;
}

/**
 * For contracts that the compiler has lost sight of.
 *
 * @throws {@link InvalidTaskOptionError} for a broadcast
 */
export function assertSingle(contract: TaskContract): void {
  if (!isBroadcast(contract)) return;
  throw new InvalidTaskOptionError(contract.name, 'broadcast', true, 'a call of TaskClient.broadcast()');
}

/** @returns the id of one worker's run of a broadcast */
export function broadcastRunId(broadcastId: string, worker: string): string {
  return `${broadcastId}@${worker}`;
}
