import { RESULTS_QUEUE } from '../broker/topology.js';
import type { TaskContract } from '../contract/define-task.js';
import { DEFAULT_TASK_OPTIONS } from '../contract/task-options.js';
import type { NewTask } from '../store/task-store.js';
import type { CallOptions } from './call-options.js';
import { toNewTask, type TaskToSend } from './task-to-send.js';
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
 * @param isOurs - whether a queue is one of the app's own; others' workers tell us over rpc how their tasks end
 */
export function newTask<Input extends object>(
  contract: TaskContract<Input>,
  id: string,
  input: Input,
  leaseMs: number,
  options: CallOptions = {},
  isOurs: (queue: string) => boolean = () => true,
): NewTask {
  const { name, secret = [], retention } = contract;
  const { queue = contract.queue, priority = contract.priority, idempotencyKey } = options;
  const { ignoreResult = contract.ignoreResult } = options;
  const unique = idempotencyKey === undefined ? uniqueKeyOf(contract, input) : idempotencyKeyOf(name, idempotencyKey);
  const call = { name, args: [], kwargs: { ...(input as Record<string, unknown>) }, secret, retention, unique };
  const place = isOurs(queue) ? { ...ourPlace(queue, options), ignoreResult } : placeElsewhere(queue, options);
  return toNewTask({ ...call, ...place, priority }, id, leaseMs, options);
}

type Place = Pick<TaskToSend, 'queue' | 'exchange' | 'routingKey' | 'replyTo' | 'isElsewhere'>;

function ourPlace(queue: string, { exchange = queue, routingKey = queue }: CallOptions): Place {
  return { queue, exchange, routingKey, replyTo: null, isElsewhere: false };
}

/**
 * A queue that other workers consume. They send what becomes of the task to our results queue, whatever it returns:
 * that is how we hear that it has ended. As in Celery it goes through the default exchange, unless the call says
 * otherwise: that needs no exchange and no binding of theirs.
 */
function placeElsewhere(
  queue: string,
  { exchange = '', routingKey = queue }: CallOptions,
): Place & Pick<TaskToSend, 'ignoreResult'> {
  return { queue, exchange, routingKey, replyTo: RESULTS_QUEUE, isElsewhere: true, ignoreResult: false };
}

/** A task whose code is elsewhere. */
export interface ForeignCall {
  name: string;
  args: unknown[];
  kwargs: Record<string, unknown>;
}

/**
 * Makes the row and the message of a call of a task that other workers run, in Python for example.
 *
 * @param leaseMs - how long its writer has to publish it before a relay does
 * @param options - checked
 */
export function newForeignTask(call: ForeignCall, id: string, leaseMs: number, options: CallOptions): NewTask {
  const { queue = DEFAULT_QUEUE, priority = DEFAULT_TASK_OPTIONS.priority, idempotencyKey } = options;
  const { retention } = DEFAULT_TASK_OPTIONS;
  const unique = idempotencyKey === undefined ? null : idempotencyKeyOf(call.name, idempotencyKey);
  const rest = { priority, secret: [], retention, unique };
  return toNewTask({ ...call, ...placeElsewhere(queue, options), ...rest }, id, leaseMs, options);
}
