import { v7 as uuidv7 } from 'uuid';
import type { TaskContract } from '../../contract/define-task.js';
import { ORIGIN } from '../../contract/origin.js';
import { shownArguments } from '../../contract/secrets.js';
import { DEFAULT_TASK_OPTIONS } from '../../contract/task-options.js';
import { encodeTaskMessage, PROTOCOL_HEADERS, type TaskRequest } from '../../protocol/index.js';
import type { Destination, TaskRouter } from '../../routes/task-router.js';
import { messageSchedule, rowSchedule } from '../../store/schedule.js';
import type { FollowUps, RoutedMessage } from '../../store/task-store.js';
import type { CanvasTask } from './canvas.js';

/** What a worker knows of where tasks go. */
export interface KnownTasks {
  /** Knows our queues: a task that is sent there has a row. */
  router: TaskRouter;
  /** By task name. */
  contracts: ReadonlyMap<string, TaskContract>;
}

/** @param contracts - of a name that comes twice, the last counts */
export function knownTasks(router: TaskRouter, contracts: readonly TaskContract[]): KnownTasks {
  return { router, contracts: new Map(contracts.map((contract) => [contract.name, contract])) };
}

/** A task that has ended, and the queue that its message came from. */
export interface EndedTask {
  request: TaskRequest;
  queue: string;
}

/**
 * What sends a task that follows another one: a row and its message if it is for a queue of ours, else the message
 * alone. It goes where its own options say, else its route, else its contract, else where the task before it came from.
 *
 * @throws TypeError, RangeError when no message can be made of it
 * @throws {@link InvalidTaskRouteError} when a function among the routes throws, or answers with what is no route
 */
export function sendingOf(task: CanvasTask, parent: EndedTask, known: KnownTasks): FollowUps {
  const contract = known.contracts.get(task.name);
  const { queue, exchange, routingKey, isOurs, priority } = destinationOf(task, parent, known, contract);
  const request = requestOf({ task, parent, contract, priority });
  const shown = contract === undefined ? request : shownArguments(contract, request);
  const { properties, headers, body } = encodeTaskMessage(request, shown);
  const message: RoutedMessage = { exchange, routingKey, envelope: { properties, headers }, body };
  if (!isOurs) return { tasks: [], letters: [{ message, mandatory: true }] };
  const row = {
    id: task.id,
    outboxId: uuidv7(),
    name: task.name,
    queue,
    message,
    unique: null,
    isElsewhere: false,
    ...rowSchedule(task.options),
    retentionSeconds: contract?.retention ?? null,
    leaseMs: 0,
  };
  return { tasks: [row], letters: [] };
}

/**
 * As in Celery, an exchange counts more than a queue, and a routing key counts where there is no queue, or an exchange.
 */
function destinationOf(
  { name, kwargs, options }: CanvasTask,
  parent: EndedTask,
  { router }: KnownTasks,
  contract: TaskContract | undefined,
): Destination & { priority: number } {
  const { exchange, routingKey, priority, headers } = options;
  const queue = options.queue ?? (exchange === null ? routingKey : null) ?? undefined;
  const given = { queue, exchange: exchange ?? undefined, priority: priority ?? undefined, headers };
  const route = router.route(name, kwargs, given);
  const chosen = { priority: route.priority ?? contract?.priority ?? DEFAULT_TASK_OPTIONS.priority };
  const ownQueue = contract?.queue ?? parent.queue;
  if (exchange === null) return { ...router.destination(route, ownQueue, headers), ...chosen };
  const key = routingKey ?? queue ?? ownQueue;
  const [reached] = router.reached(exchange, key, headers);
  return { queue: reached ?? key, exchange, routingKey: key, isOurs: reached !== undefined, ...chosen };
}

interface FollowUp {
  task: CanvasTask;
  parent: EndedTask;
  contract: TaskContract | undefined;
  priority: number;
}

function requestOf({ task, parent: { request: parent }, contract, priority }: FollowUp): TaskRequest {
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
    priority,
    origin: ORIGIN,
    lang: null,
    userHeaders: Object.fromEntries(
      Object.entries(options.headers).filter(([header]) => !PROTOCOL_HEADERS.has(header)),
    ),
  };
}
