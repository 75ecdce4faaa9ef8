import type { RetryPolicy } from '../contract/define-task.js';
import type { RegisteredHandler } from './handler-registry.js';
import { TaskWiringError } from './task-errors.js';

/** Parts of a retry policy by task name, in place of those that the contract has. */
export type TaskAnnotations = Readonly<Record<string, Partial<RetryPolicy>>>;

/**
 * @returns the handlers, their contracts changed as the annotations say
 * @throws {@link TaskWiringError} when an annotation names a task that none of them handles
 */
export function annotated(
  handlers: ReadonlyMap<string, RegisteredHandler>,
  annotations: TaskAnnotations,
): Map<string, RegisteredHandler> {
  const unknown = Object.keys(annotations).filter((name) => !handlers.has(name));
  if (unknown.length > 0) {
    throw new TaskWiringError(
      `There are annotations for ${unknown.join(', ')}, which no handler here knows. Known: ${[...handlers.keys()].join(', ')}.`,
    );
  }
  return new Map(
    [...handlers].map(([name, handler]) => [
      name,
      { ...handler, contract: { ...handler.contract, ...annotations[name] } },
    ]),
  );
}
