import { checkAnnotation } from './check-options.js';
import type { TaskContract } from './define-task.js';
import type { TaskOptions } from './task-options.js';

/**
 * Other options than the contracts have, by task name; those under `*` are for all tasks, and a task's own count more.
 * Celery's `task_annotations`.
 */
export type TaskAnnotations = Readonly<Record<string, Partial<TaskOptions>>>;

/** @throws {@link InvalidTaskOptionError} when one of them is no option of a task, or makes no sense */
export function checkAnnotations(annotations: TaskAnnotations): void {
  for (const [name, options] of Object.entries(annotations)) checkAnnotation(name, options);
}

/** @returns the contract with its options changed as the annotations say */
export function annotated<Contract extends Pick<TaskContract, 'name'>>(
  contract: Contract,
  annotations: TaskAnnotations,
): Contract {
  return { ...contract, ...annotations['*'], ...annotations[contract.name] };
}
