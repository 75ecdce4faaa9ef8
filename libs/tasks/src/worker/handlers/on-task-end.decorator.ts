import 'reflect-metadata';
import type { EntityManager } from 'typeorm';
import type { SingleContract } from '../../contract/define-broadcast.js';
import type { TaskEnd } from '../../store/task-end.js';

/** On the method: the name of the task. */
export const TASK_END_METADATA = 'celeriac:on_task_end';

/**
 * Marks a method of an injectable that writes what the end of a task means to the app, in the very transaction that
 * ends it: SUCCESS, FAILURE or REVOKED, whoever says so (its run, a claim that finds it expired, revoked or given up,
 * a revoke while it waits). What it writes is there if the end is, and otherwise not. It is called once for the ends of
 * a batch, after what the runs have handed in with `task.settleWith()`, with the rows of the tasks as they are then.
 *
 * Tasks are ended by more processes than workers: it has to be a provider wherever tasks are revoked, too. What it
 * throws keeps the tasks from ending, so it had better write little, and what Postgres takes.
 *
 * ```ts
 * @OnTaskEnd(sendEmail)
 * async ended(manager: EntityManager, ends: TaskEnd[]) { ... }
 * ```
 */
export function OnTaskEnd<Input>(contract: SingleContract<Input>) {
  return <Method extends (manager: EntityManager, ends: TaskEnd[]) => Promise<void>>(
    _target: object,
    _methodName: string,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    Reflect.defineMetadata(TASK_END_METADATA, contract.name, descriptor.value as object);
  };
}
