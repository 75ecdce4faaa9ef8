import { hostname } from 'node:os';
import { v7 as uuidv7 } from 'uuid';
import type { TaskContract } from '../contract/define-task.js';
import { hideSecrets } from '../contract/secrets.js';
import { encodeTaskMessage } from '../protocol/index.js';
import type { NewTask } from '../store/task-store.js';
import type { CallOptions } from './call-options.js';

const ORIGIN = `gen${process.pid}@${hostname()}`;

/** One call, with all that its options did not say filled in. */
export interface TaskToSend
  extends
    Pick<TaskContract, 'name' | 'queue' | 'priority' | 'ignoreResult' | 'secret'>,
    Pick<NewTask, 'unique' | 'isElsewhere'> {
  exchange: string;
  routingKey: string;
  args: unknown[];
  kwargs: object;
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
  const { name, queue, exchange, routingKey, unique, isElsewhere } = call;
  const { countdown, eta, expires } = options;
  const expiresInMs = typeof expires === 'number' ? expires * 1000 : null;
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
    expiresInMs,
    leaseMs,
  };
}

function encodeCall(call: TaskToSend, id: string, options: CallOptions): ReturnType<typeof encodeTaskMessage> {
  const { name, args, priority, ignoreResult, replyTo, secret = [] } = call;
  const { countdown, eta = null, expires = null } = options;
  const kwargs = { ...call.kwargs };
  const now = Date.now();
  const request = {
    id,
    name,
    args,
    kwargs,
    embed: { callbacks: null, errbacks: null, chain: null, chord: null },
    retries: 0,
    generation: null,
    eta: countdown === undefined ? eta : new Date(now + countdown * 1000),
    expires: typeof expires === 'number' ? new Date(now + expires * 1000) : expires,
    timeLimitSeconds: options.timeLimit ?? null,
    softTimeLimitSeconds: options.softTimeLimit ?? null,
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
