import { hostname } from 'node:os';
import { v7 as uuidv7 } from 'uuid';
import type { TaskContract } from '../contract/define-task.js';
import { encodeTaskMessage } from '../protocol/index.js';
import type { NewTask } from '../store/task-store.js';

const ORIGIN = `gen${process.pid}@${hostname()}`;

/**
 * Makes the row and the message of one call. The input travels as kwargs, so that a Python client can send the same
 * task with `apply_async(kwargs={...})`.
 *
 * @param dueInMs - how long its writer has to publish it before a relay does
 */
export function newTask(
  contract: Pick<TaskContract, 'name' | 'queue'>,
  id: string,
  input: object,
  dueInMs: number,
): NewTask {
  const { headers, properties, body } = encodeTaskMessage({
    id,
    name: contract.name,
    args: [],
    kwargs: { ...input },
    embed: { callbacks: null, errbacks: null, chain: null, chord: null },
    retries: 0,
    generation: null,
    eta: null,
    expires: null,
    timeLimitSeconds: null,
    softTimeLimitSeconds: null,
    rootId: id,
    parentId: null,
    group: null,
    groupIndex: null,
    shadow: null,
    ignoreResult: false,
    replyTo: null,
    correlationId: id,
    priority: 0,
    origin: ORIGIN,
    lang: null,
    userHeaders: {},
  });
  return {
    id,
    outboxId: uuidv7(),
    name: contract.name,
    queue: contract.queue,
    message: { exchange: contract.queue, routingKey: contract.queue, envelope: { properties, headers }, body },
    expiresAt: null,
    dueInMs,
  };
}
