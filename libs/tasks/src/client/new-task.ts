import { RESULTS_QUEUE } from '../broker/topology.js';
import type { TaskContract } from '../contract/define-task.js';
import { DEFAULT_TASK_OPTIONS } from '../contract/task-options.js';
import type { NewTask } from '../store/task-store.js';
import type { CallOptions } from './call-options.js';
import { toNewTask } from './task-to-send.js';
import { idempotencyKeyOf, uniqueKeyOf } from './unique-key.js';

/** Celery's. */
const DEFAULT_QUEUE = 'celery';

/**
 * Makes the row and the message of one call. The input travels as kwargs, so that a Python client can send the same
 * task with `apply_async(kwargs={...})`.
 *
 * @param input - checked
 * @param leaseMs - how long its writer has to publish it before a relay does
 * @param options - checked
 */
export function newTask<Input extends object>(
  contract: TaskContract<Input>,
  id: string,
  input: Input,
  leaseMs: number,
  options: CallOptions = {},
): NewTask {
  const { name, secret = [], retention } = contract;
  const { queue = contract.queue, exchange = queue, routingKey = queue } = options;
  const { priority = contract.priority, ignoreResult = contract.ignoreResult, idempotencyKey } = options;
  const unique = idempotencyKey === undefined ? uniqueKeyOf(contract, input) : idempotencyKeyOf(name, idempotencyKey);
  const call = { name, args: [], kwargs: { ...(input as Record<string, unknown>) }, secret };
  const route = { queue, exchange, routingKey, priority, replyTo: null };
  return toNewTask({ ...call, ...route, ignoreResult, retention, unique, isElsewhere: false }, id, leaseMs, options);
}

/** A task whose code is elsewhere. */
export interface ForeignCall {
  name: string;
  args: unknown[];
  kwargs: Record<string, unknown>;
}

/**
 * Makes the row and the message of a call of a task that other workers run, in Python for example. They send what
 * becomes of it to our results queue, whatever it returns: that is how we hear that it has ended.
 *
 * @param leaseMs - how long its writer has to publish it before a relay does
 * @param options - checked
 */
export function newForeignTask(call: ForeignCall, id: string, leaseMs: number, options: CallOptions): NewTask {
  // Celery sends to the default exchange as well: that needs no exchange and no binding of theirs.
  const { queue = DEFAULT_QUEUE, exchange = '', routingKey = queue } = options;
  const { priority = DEFAULT_TASK_OPTIONS.priority, idempotencyKey } = options;
  const { retention } = DEFAULT_TASK_OPTIONS;
  const unique = idempotencyKey === undefined ? null : idempotencyKeyOf(call.name, idempotencyKey);
  const route = { queue, exchange, routingKey, priority, replyTo: RESULTS_QUEUE };
  const rest = { secret: [], ignoreResult: false, retention, unique, isElsewhere: true };
  return toNewTask({ ...call, ...route, ...rest }, id, leaseMs, options);
}
