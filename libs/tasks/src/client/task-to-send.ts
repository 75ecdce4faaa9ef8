import { v7 as uuidv7 } from 'uuid';
import type { CallOptions } from '../contract/call-options.js';
import { ORIGIN } from '../contract/origin.js';
import { hideSecrets } from '../contract/secrets.js';
import type { TaskOptions } from '../contract/task-options.js';
import { encodeTaskMessage, type TaskMessage, type TaskRequest } from '../protocol/index.js';
import { messageSchedule, rowSchedule, type Schedule } from '../store/schedule.js';
import type { NewTask } from '../store/task-store.js';

/** One call, with all filled in that its options left open. */
export interface TaskToSend
  extends
    Pick<TaskOptions, 'priority' | 'ignoreResult' | 'retention'>,
    Pick<TaskRequest, 'name' | 'args' | 'kwargs' | 'replyTo'>,
    Pick<NewTask, 'queue' | 'unique' | 'isElsewhere'> {
  exchange: string;
  routingKey: string;
  /** Fields of the kwargs that nobody may see. */
  secret: readonly string[];
}

/** Makes the row and the message of one call. */
export function toNewTask(call: TaskToSend, id: string, leaseMs: number, options: CallOptions): NewTask {
  const { name, queue, exchange, routingKey, unique, isElsewhere, retention } = call;
  const { headers, properties, body } = encode(call, id, options);
  return {
    id,
    outboxId: uuidv7(),
    name,
    queue,
    message: { exchange, routingKey, envelope: { properties, headers }, body },
    unique,
    isElsewhere,
    ...rowSchedule(scheduleOf(options)),
    retentionSeconds: retention,
    leaseMs,
  };
}

function encode(call: TaskToSend, id: string, options: CallOptions): TaskMessage {
  const { name, args, kwargs, secret, priority, ignoreResult, replyTo } = call;
  const { timeLimit = null, softTimeLimit = null } = options;
  const request = {
    id,
    name,
    args,
    kwargs,
    embed: { callbacks: null, errbacks: null, chain: null, chord: null },
    retries: 0,
    generation: null,
    ...messageSchedule(scheduleOf(options)),
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

function scheduleOf({ countdown, eta, expires }: CallOptions): Schedule {
  return { countdownSeconds: countdown ?? null, eta: eta ?? null, expires: expires ?? null };
}
