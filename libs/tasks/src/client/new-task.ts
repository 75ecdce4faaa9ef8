import { v7 as uuidv7 } from 'uuid';
import type { TaskContract } from '../contract/define-task.js';
import { ORIGIN } from '../contract/origin.js';
import { encodeTaskMessage } from '../protocol/index.js';
import type { NewTask } from '../store/task-store.js';
import type { CallOptions } from './call-options.js';

/**
 * Makes the row and the message of one call. The input travels as kwargs, so that a Python client can send the same
 * task with `apply_async(kwargs={...})`.
 *
 * @param options - checked
 * @param leaseMs - how long its writer has to publish it before a relay does
 */
export function newTask(
  contract: Pick<TaskContract, 'name' | 'queue' | 'priority' | 'ignoreResult'>,
  id: string,
  input: object,
  leaseMs: number,
  options: CallOptions = {},
): NewTask {
  const { countdown, eta, expires, priority = contract.priority, queue = contract.queue } = options;
  const { exchange = queue, routingKey = queue, headers: userHeaders = {} } = options;
  const { ignoreResult = contract.ignoreResult } = options;
  const expiresInMs = typeof expires === 'number' ? expires * 1000 : null;
  const now = Date.now();
  const { headers, properties, body } = encodeTaskMessage({
    id,
    name: contract.name,
    args: [],
    kwargs: { ...input },
    embed: { callbacks: null, errbacks: null, chain: null, chord: null },
    retries: 0,
    generation: null,
    eta: countdown === undefined ? (eta ?? null) : new Date(now + countdown * 1000),
    expires: expires instanceof Date ? expires : expiresInMs === null ? null : new Date(now + expiresInMs),
    timeLimitSeconds: null,
    softTimeLimitSeconds: null,
    rootId: id,
    parentId: null,
    group: null,
    groupIndex: null,
    shadow: options.shadow ?? null,
    ignoreResult,
    replyTo: null,
    correlationId: id,
    priority,
    origin: ORIGIN,
    lang: null,
    userHeaders,
  });
  return {
    id,
    outboxId: uuidv7(),
    name: contract.name,
    queue,
    message: { exchange, routingKey, envelope: { properties, headers }, body },
    eta: countdown === undefined ? (eta ?? null) : null,
    countdownMs: countdown === undefined ? null : countdown * 1000,
    expiresAt: expires instanceof Date ? expires : null,
    expiresInMs,
    leaseMs,
  };
}
