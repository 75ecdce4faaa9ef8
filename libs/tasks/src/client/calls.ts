import { RESULTS_QUEUE } from '../broker/topology.js';
import type { TaskContract } from '../contract/define-task.js';
import type { CallOptions } from './call-options.js';
import type { TaskToSend } from './new-task.js';
import { idempotencyKeyOf, uniqueKeyOf } from './unique-key.js';

/** Celery's default queue. */
const DEFAULT_QUEUE = 'celery';

/**
 * A call of a task of ours. The input travels as kwargs, so that a Python client can send the same task with
 * `apply_async(kwargs={...})`.
 *
 * @param input - checked
 */
export function callOf<Input extends object>(
  contract: TaskContract<Input>,
  input: Input,
  options: CallOptions,
): TaskToSend {
  const { priority = contract.priority, ignoreResult = contract.ignoreResult, idempotencyKey } = options;
  const { queue = contract.queue, exchange = queue, routingKey = queue } = options;
  const { name, secret } = contract;
  const unique =
    idempotencyKey === undefined ? uniqueKeyOf(contract, input) : idempotencyKeyOf(name, idempotencyKey);
  const route = { queue, exchange, routingKey, priority };
  return { ...route, name, args: [], kwargs: input, secret, ignoreResult, replyTo: null, unique, isElsewhere: false };
}

/** A call of a task that other workers run, in Python for example. What becomes of it comes to our results queue. */
export function callElsewhere(name: string, args: unknown[], kwargs: object, options: CallOptions): TaskToSend {
  const { priority = 0, idempotencyKey, queue = DEFAULT_QUEUE } = options;
  // Celery sends to the default exchange as well: the queue is reached whatever it is bound to.
  const { exchange = '', routingKey = queue } = options;
  const unique = idempotencyKey === undefined ? null : idempotencyKeyOf(name, idempotencyKey);
  const route = { queue, exchange, routingKey, priority };
  return { ...route, name, args, kwargs, ignoreResult: false, replyTo: RESULTS_QUEUE, unique, isElsewhere: true };
}
