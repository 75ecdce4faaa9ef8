import { broadcastExchange } from '../broker/broadcast-topology.js';
import type { BroadcastContract } from '../contract/define-broadcast.js';
import type { Letter } from '../store/task-store.js';
import type { CallOptions } from './call-options.js';
import { toNewTask } from './task-to-send.js';

/** How a task is to be broadcast. */
export type BroadcastOptions = Omit<CallOptions, 'queue' | 'exchange' | 'routingKey' | 'idempotencyKey'>;

/**
 * Makes the message of a broadcast. It continues no task: each worker that gets it makes a row for its own run. With no
 * worker there is nobody to keep it for.
 *
 * @param input - checked
 * @param options - checked
 */
export function broadcastLetter<Input extends object>(
  contract: BroadcastContract<Input>,
  id: string,
  input: Input,
  options: BroadcastOptions,
): Letter {
  const { name, queue, secret = [], retention } = contract;
  const { priority = contract.priority, ignoreResult = contract.ignoreResult } = options;
  const place = { queue, exchange: broadcastExchange(queue), routingKey: '', replyTo: null, isElsewhere: false };
  const call = { name, args: [], kwargs: { ...(input as Record<string, unknown>) }, secret, priority, ignoreResult };
  const { message } = toNewTask({ ...call, ...place, retention, unique: null }, id, 0, options);
  return { message, mandatory: false };
}
