import { v7 as uuidv7 } from 'uuid';
import type { TaskContract } from '../contract/define-task.js';
import { ORIGIN } from '../contract/origin.js';
import { encodeTaskMessage, type TaskRequest } from '../protocol/index.js';
import type { NewTask } from '../store/task-store.js';
import type { CallOptions } from './call-options.js';

/** What of a contract a call needs. */
type SentContract = Pick<TaskContract, 'name' | 'queue' | 'priority' | 'ignoreResult' | 'retention'>;

/**
 * Makes the row and the message of one call. The input travels as kwargs, so that a Python client can send the same
 * task with `apply_async(kwargs={...})`.
 *
 * @param options - checked
 * @param leaseMs - how long its writer has to publish it before a relay does
 */
export function newTask(
  contract: SentContract,
  id: string,
  input: object,
  leaseMs: number,
  options: CallOptions = {},
): NewTask {
  const { countdown, eta, expires, queue = contract.queue } = options;
  const { exchange = queue, routingKey = queue } = options;
  const { headers, properties, body } = encodeTaskMessage(taskRequest(contract, id, input, options));
  return {
    id,
    outboxId: uuidv7(),
    name: contract.name,
    queue,
    message: { exchange, routingKey, envelope: { properties, headers }, body },
    eta: countdown === undefined ? (eta ?? null) : null,
    countdownMs: countdown === undefined ? null : countdown * 1000,
    expiresAt: expires instanceof Date ? expires : null,
    expiresInMs: typeof expires === 'number' ? expires * 1000 : null,
    retentionSeconds: contract.retention,
    leaseMs,
  };
}

function taskRequest(contract: SentContract, id: string, input: object, options: CallOptions): TaskRequest {
  const { countdown, eta = null, expires = null } = options;
  const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);
  return {
    id,
    name: contract.name,
    args: [],
    kwargs: { ...input },
    embed: { callbacks: null, errbacks: null, chain: null, chord: null },
    retries: 0,
    generation: null,
    eta: countdown === undefined ? eta : inSeconds(countdown),
    expires: typeof expires === 'number' ? inSeconds(expires) : expires,
    timeLimitSeconds: null,
    softTimeLimitSeconds: null,
    rootId: id,
    parentId: null,
    group: null,
    groupIndex: null,
    shadow: options.shadow ?? null,
    ignoreResult: options.ignoreResult ?? contract.ignoreResult,
    replyTo: null,
    correlationId: id,
    priority: options.priority ?? contract.priority,
    origin: ORIGIN,
    lang: null,
    userHeaders: options.headers ?? {},
  };
}
