import { v7 as uuidv7 } from 'uuid';
import type { TaskContract } from '../../contract/define-task.js';
import { ORIGIN } from '../../contract/origin.js';
import { shownArguments } from '../../contract/secrets.js';
import { encodeTaskMessage, PROTOCOL_HEADERS, type TaskRequest } from '../../protocol/index.js';
import { messageSchedule, rowSchedule } from '../../store/schedule.js';
import type { FollowUps, RoutedMessage } from '../../store/task-store.js';
import type { CanvasTask } from './canvas.js';

/** What a worker knows of where tasks go. */
export interface KnownTasks {
  /** Our queues: a task that is sent there has a row. */
  queues: ReadonlySet<string>;
  /** By task name. */
  contracts: ReadonlyMap<string, TaskContract>;
}

/** @param contracts - of a name that comes twice, the last counts */
export function knownTasks(queues: readonly string[], contracts: readonly TaskContract[]): KnownTasks {
  return { queues: new Set(queues), contracts: new Map(contracts.map((contract) => [contract.name, contract])) };
}

/** A task that has ended, and the queue that its message came from. */
export interface EndedTask {
  request: TaskRequest;
  queue: string;
}

/**
 * What sends a task that follows another one: a row and its message if it is for a queue of ours, else the message
 * alone. It goes to the queue that its own options say, else that of its contract, else that of the task before it.
 *
 * @throws TypeError, RangeError when no message can be made of it
 */
export function sendingOf(task: CanvasTask, parent: EndedTask, known: KnownTasks): FollowUps {
  const { exchange, routingKey, isOurs } = destinationOf(task, parent, known);
  const contract = known.contracts.get(task.name);
  const request = requestOf(task, parent, contract);
  const shown = contract === undefined ? request : shownArguments(contract, request);
  const { properties, headers, body } = encodeTaskMessage(request, shown);
  const message: RoutedMessage = { exchange, routingKey, envelope: { properties, headers }, body };
  if (!isOurs) return { tasks: [], letters: [{ message, mandatory: true }] };
  const row = {
    id: task.id,
    outboxId: uuidv7(),
    name: task.name,
    queue: routingKey,
    message,
    unique: null,
    isElsewhere: false,
    ...rowSchedule(task.options),
    retentionSeconds: contract?.retention ?? null,
    leaseMs: 0,
  };
  return { tasks: [row], letters: [] };
}

/** A queue that is not ours is reached through the default exchange, as Python clients do. */
function destinationOf(
  { name, options }: CanvasTask,
  parent: EndedTask,
  { queues, contracts }: KnownTasks,
): { exchange: string; routingKey: string; isOurs: boolean } {
  const { queue, exchange, routingKey: asked } = options;
  const queueName = queue ?? contracts.get(name)?.queue ?? parent.queue;
  const routingKey = asked !== null && (queue === null || exchange !== null) ? asked : queueName;
  const isOurs = queues.has(routingKey) && (exchange === null || exchange === '' || exchange === routingKey);
  return { exchange: exchange ?? (isOurs ? routingKey : ''), routingKey, isOurs };
}

function requestOf(task: CanvasTask, { request: parent }: EndedTask, contract: TaskContract | undefined): TaskRequest {
  const { id, name, args, kwargs, chain, options } = task;
  return {
    id,
    name,
    args,
    kwargs,
    embed: { callbacks: options.link, errbacks: options.linkError, chain, chord: options.chord },
    retries: 0,
    generation: null,
    ...messageSchedule(options),
    timeLimitSeconds: options.timeLimitSeconds,
    softTimeLimitSeconds: options.softTimeLimitSeconds,
    rootId: parent.rootId,
    parentId: parent.id,
    group: options.groupId,
    groupIndex: options.groupIndex,
    shadow: options.shadow,
    ignoreResult: options.ignoreResult ?? contract?.ignoreResult ?? false,
    replyTo: options.replyTo,
    correlationId: id,
    priority: options.priority ?? contract?.priority ?? 0,
    origin: ORIGIN,
    lang: null,
    userHeaders: Object.fromEntries(
      Object.entries(options.headers).filter(([header]) => !PROTOCOL_HEADERS.has(header)),
    ),
  };
}
