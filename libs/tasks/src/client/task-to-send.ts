import { RESULTS_QUEUE } from '../broker/topology.js';
import type { TaskContract } from '../contract/define-task.js';
import { DEFAULT_TASK_OPTIONS } from '../contract/task-options.js';
import type { CallOptions } from './call-options.js';
import type { TaskToSend } from './new-task.js';
import { idempotencyKeyOf, uniqueKeyOf } from './unique-key.js';

/** Celery's. */
const DEFAULT_QUEUE = 'celery';

/**
 * A call of a task of ours. The input travels as kwargs, so that a Python client can send the same task with
 * `apply_async(kwargs={...})`.
 *
 * @param input - checked
 */
export function ownTask<Input extends object>(
  contract: TaskContract<Input>,
  input: Input,
  options: CallOptions,
): TaskToSend {
  const { name, secret, retention } = contract;
  const { queue = contract.queue, exchange = queue, routingKey = queue } = options;
  const { priority = contract.priority, ignoreResult = contract.ignoreResult, idempotencyKey } = options;
  return {
    ...{ name, queue, exchange, routingKey, priority, ignoreResult, retention, secret },
    args: [],
    kwargs: { ...input },
    replyTo: null,
    unique: idempotencyKey === undefined ? uniqueKeyOf(contract, input) : idempotencyKeyOf(name, idempotencyKey),
    isElsewhere: false,
  };
}

/** A call of a task that other workers run, in Python for example. They send what becomes of it to our results queue. */
export function foreignTask(
  name: string,
  args: unknown[],
  kwargs: Record<string, unknown>,
  options: CallOptions,
): TaskToSend {
  // Celery sends to the default exchange as well: that needs no exchange and no binding of theirs.
  const { queue = DEFAULT_QUEUE, exchange = '', routingKey = queue } = options;
  const { priority = DEFAULT_TASK_OPTIONS.priority, idempotencyKey } = options;
  return {
    ...{ name, queue, exchange, routingKey, priority, args, kwargs },
    // The message with the result is how we hear that it has ended.
    ignoreResult: false,
    retention: DEFAULT_TASK_OPTIONS.retention,
    replyTo: RESULTS_QUEUE,
    unique: idempotencyKey === undefined ? null : idempotencyKeyOf(name, idempotencyKey),
    isElsewhere: true,
  };
}
