import { RESULTS_QUEUE } from '../broker/topology.js';
import type { CallOptions } from '../contract/call-options.js';
import type { TaskContract } from '../contract/define-task.js';
import { DEFAULT_TASK_OPTIONS } from '../contract/task-options.js';
import { TaskRouter } from '../routes/task-router.js';
import type { NewTask } from '../store/task-store.js';
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
 */
export function newTask<Input extends object>(
  contract: TaskContract<Input>,
  id: string,
  input: Input,
  leaseMs: number,
  options: CallOptions = {},
  router = new TaskRouter(),
): NewTask {
  const { name, secret = [], retention } = contract;
  const { ignoreResult = contract.ignoreResult, idempotencyKey } = options;
  const unique = idempotencyKey === undefined ? uniqueKeyOf(contract, input) : idempotencyKeyOf(name, idempotencyKey);
  const kwargs = { ...(input as Record<string, unknown>) };
  const route = router.route(name, kwargs, options);
  const { priority = contract.priority } = route;
  const { isOurs, ...place } = router.destination(route, contract.queue, options.headers);
  const answer = isOurs ? { replyTo: null, isElsewhere: false, ignoreResult } : ELSEWHERE;
  const call = { name, args: [], kwargs, secret, retention, unique, priority, ...place, ...answer };
  return toNewTask(call, id, leaseMs, options);
}

/**
 * Of a queue that other workers consume: they send what becomes of the task to our results queue, whatever it returns,
 * which is how we hear that it has ended.
 */
const ELSEWHERE: Pick<TaskToSend, 'replyTo' | 'isElsewhere' | 'ignoreResult'> = {
  replyTo: RESULTS_QUEUE,
  isElsewhere: true,
  ignoreResult: false,
};

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
export function newForeignTask(
  call: ForeignCall,
  id: string,
  leaseMs: number,
  options: CallOptions,
  router: TaskRouter,
): NewTask {
  const route = router.route(call.name, call.kwargs, options);
  const { priority = DEFAULT_TASK_OPTIONS.priority } = route;
  const { queue, exchange, routingKey } = router.destination(route, DEFAULT_QUEUE, options.headers);
  const { idempotencyKey } = options;
  const { retention } = DEFAULT_TASK_OPTIONS;
  const unique = idempotencyKey === undefined ? null : idempotencyKeyOf(call.name, idempotencyKey);
  const rest = { priority, secret: [], retention, unique };
  return toNewTask({ ...call, queue, exchange, routingKey, ...ELSEWHERE, ...rest }, id, leaseMs, options);
}
