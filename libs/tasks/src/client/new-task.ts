import { hostname } from 'node:os';
import { v7 as uuidv7 } from 'uuid';
import type { TaskContract } from '../contract/define-task.js';
import { hideSecrets } from '../contract/secrets.js';
import { encodeTaskMessage, type TaskMessage } from '../protocol/index.js';
import type { NewTask } from '../store/task-store.js';
import type { CallOptions } from './call-options.js';

const ORIGIN = `gen${process.pid}@${hostname()}`;

/** One call, with all filled in that its options left to the contract. */
export interface TaskToSend
  extends
    Pick<TaskContract, 'name' | 'queue' | 'priority' | 'ignoreResult' | 'retention' | 'secret'>,
    Pick<NewTask, 'unique' | 'isElsewhere'> {
  exchange: string;
  routingKey: string;
  args: unknown[];
  kwargs: Record<string, unknown>;
  /** The queue that results are sent to; null when nobody waits there. */
  replyTo: string | null;
}

/**
 * Makes the row and the message of one call.
 *
 * @param options - checked
 * @param leaseMs - how long its writer has to publish it before a relay does
 */
export function newTask(call: TaskToSend, id: string, leaseMs: number, options: CallOptions = {}): NewTask {
  const { name, queue, exchange, routingKey, unique, isElsewhere, retention } = call;
  const { countdown, eta, expires } = options;
  const { headers, properties, body } = encodeCall(call, id, options);
  return {
    id,
    outboxId: uuidv7(),
    name,
    queue,
    message: { exchange, routingKey, envelope: { properties, headers }, body },
    unique,
    isElsewhere,
    eta: countdown === undefined ? (eta ?? null) : null,
    countdownMs: countdown === undefined ? null : countdown * 1000,
    expiresAt: expires instanceof Date ? expires : null,
    expiresInMs: typeof expires === 'number' ? expires * 1000 : null,
    retentionSeconds: retention,
    leaseMs,
  };
}

function encodeCall(call: TaskToSend, id: string, options: CallOptions): TaskMessage {
  const { name, args, kwargs, priority, ignoreResult, replyTo, secret = [] } = call;
  const { countdown, eta = null, expires = null, timeLimit = null, softTimeLimit = null } = options;
  const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);
  const request = {
    id,
    name,
    args,
    kwargs,
    embed: { callbacks: null, errbacks: null, chain: null, chord: null },
    retries: 0,
    generation: null,
    eta: countdown === undefined ? eta : inSeconds(countdown),
    expires: typeof expires === 'number' ? inSeconds(expires) : expires,
    timeLimitSeconds: timeLimit,
    softTimeLimitSeconds: softTimeLimit,
    rootId: id,
    parentId: null,
    group: null,
    groupIndex: null,
    shadow: options.shadow ?? null,
    ignoreResult,
    replyTo,
    correlationId: id,
    priority,
    origin: ORIGIN,
    lang: null,
    userHeaders: options.headers ?? {},
  };
  return encodeTaskMessage(request, { args, kwargs: hideSecrets(kwargs, secret) });
}
