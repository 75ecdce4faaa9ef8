import type { TaskAnnotations } from '../../contract/annotations.js';
import type { TaskContract } from '../../contract/define-task.js';
import type { TaskRouter } from '../../routes/task-router.js';
import { TaskWiringError } from '../task-errors.js';

/** What has to fit the handlers of a worker. */
export interface Wiring {
  /** The app's contracts, as far as it has told them. */
  contracts: readonly TaskContract[];
  /** The queues that the worker consumes. */
  queues: readonly string[];
  /** Knows the queues of the app, and to which of them tasks go. */
  router: TaskRouter;
  annotations: TaskAnnotations;
}

/**
 * Finds at boot what would otherwise park tasks for ever or be without effect.
 *
 * @param handled - the names of the tasks that have a handler here
 * @throws {@link TaskWiringError} when a consumed queue is none of the app's, a contract of it has no handler, or an
 *   annotation names a task that nobody knows
 */
export function assertWired(handled: readonly string[], { contracts, queues, router, annotations }: Wiring): void {
  const declared = router.queues.map(({ name }) => name);
  const strange = queues.find((queue) => !declared.includes(queue));
  if (strange !== undefined) {
    throw new TaskWiringError(
      `This worker consumes the queue "${strange}", which the TasksModule does not have: ${declared.join(', ')}.`,
    );
  }
  for (const contract of contracts.filter(({ name }) => !handled.includes(name))) {
    const queue = router.queueOf(contract);
    if (queue === null || !queues.includes(queue)) continue;
    throw new TaskWiringError(
      `This worker consumes the queue "${queue}", but has no handler for its task ${contract.name}: ` +
        'mark a method of a provider with @TaskHandler of that contract, or let another worker consume the queue.',
    );
  }
  const known = [...new Set([...handled, ...contracts.map(({ name }) => name)])];
  const unknown = Object.keys(annotations).filter((name) => name !== '*' && !known.includes(name));
  if (unknown.length > 0) {
    throw new TaskWiringError(
      `There are annotations for ${unknown.join(', ')}, which nobody here knows. Known: ${known.join(', ')}.`,
    );
  }
}
