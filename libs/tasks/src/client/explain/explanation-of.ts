import { broadcastQueue } from '../../broker/broadcast-topology.js';
import type { QueueInfo } from '../../broker/broker.js';
import { deadLetterQueue } from '../../broker/topology.js';
import type { TaskContract } from '../../contract/define-task.js';
import { isEndState } from '../../contract/task-state.js';
import type { LivingWorker, StoredStanding } from '../../store/standings.js';
import type {
  EndedReason,
  ExplainedTask,
  RunningReason,
  TaskExplanation,
  WaitingReason,
  WaitsForTime,
  WaitsInOutbox,
} from './task-explanation.js';

/** What an explanation takes besides how the task stands. */
export interface Surroundings {
  /** All that live. */
  workers: readonly LivingWorker[];
  /** What the broker says of the queue of {@link queueToAsk}; null when it is away, or was not asked. */
  queue: QueueInfo | null;
  /** The task's; undefined when this app does not know it. */
  contract: Pick<TaskContract, 'maxRetries' | 'softTimeLimit' | 'timeLimit'> | undefined;
}

type Standing = Readonly<StoredStanding>;

/** @returns the queue without which nobody can say why the task waits; null when the broker need not be asked */
export function queueToAsk(standing: Standing): string | null {
  const { state, isEarly } = standing;
  return isEndState(state) || state === 'STARTED' || isEarly ? null : messageQueue(standing);
}

/** The default exchange leads to the queue of that name, which may be a worker's own: that of a broadcast. */
function messageQueue({ exchange, routingKey, queue }: Standing): string {
  return exchange === '' ? routingKey : queue;
}

/** Says why a task has not started, what it is doing, or how it has ended. */
export function explanationOf(standing: Standing, surroundings: Surroundings): TaskExplanation {
  return { ...explainedTask(standing), ...reasonOf(standing, surroundings) };
}

function explainedTask(standing: Standing): ExplainedTask {
  const { taskId, taskName, state, at, revokeRequestedAt, isToBeTerminated } = standing;
  const isOpen = revokeRequestedAt !== null && !isEndState(state);
  const revokeRequest = isOpen ? { at: revokeRequestedAt, terminate: isToBeTerminated === true } : null;
  return { taskId, taskName, state, queue: messageQueue(standing), at, revokeRequest };
}

function reasonOf(standing: Standing, surroundings: Surroundings): WaitingReason | RunningReason | EndedReason {
  if (isEndState(standing.state)) return endOf(standing);
  if (standing.state === 'STARTED') return runOf(standing, surroundings);
  return (
    waitForTime(standing, surroundings) ?? waitInOutbox(standing, surroundings) ?? waitInQueue(standing, surroundings)
  );
}

function waitForTime(standing: Standing, { workers, contract }: Surroundings): WaitsForTime | null {
  const { dueAt, isEarly, waitReason, retries, error, deaths } = standing;
  if (dueAt === null || !isEarly) return null;
  switch (waitReason) {
    case 'scheduled': {
      if (retries === 0) return { reason: 'scheduled', dueAt };
      const maxRetries = contract?.maxRetries ?? null;
      // A handler may ask for more than its contract has.
      const most = maxRetries !== null && maxRetries >= retries ? maxRetries : null;
      return { reason: 'retry', dueAt, retry: retries, maxRetries: most, error };
    }
    case 'rate_limited':
    case 'snoozed':
      return { reason: waitReason, dueAt };
    case 'no_handler':
      return { reason: 'no_handler', dueAt, workers: consumersOf(standing, workers).map(({ name }) => name) };
    case 'lease':
      return { reason: 'suspect', dueAt, deaths };
    case null:
      return null;
  }
}

function waitInOutbox(
  { messageDueAt, messageTrouble, isMessageOverdue, exchange, routingKey }: Standing,
  { queue }: Surroundings,
): WaitsInOutbox | Extract<WaitingReason, { reason: 'broker_away' }> | null {
  if (queue === null) return { reason: 'broker_away', isPublished: messageDueAt === null };
  if (messageDueAt === null) return null;
  const retry = { nextTryAt: messageDueAt, isOverdue: isMessageOverdue };
  if (messageTrouble === 'unroutable') return { reason: 'unroutable', exchange, routingKey, ...retry };
  if (messageTrouble === 'unpublishable') return { reason: 'unpublishable', ...retry };
  return isMessageOverdue ? { reason: 'unpublished', since: messageDueAt } : null;
}

function waitInQueue(standing: Standing, { workers, queue: info }: Surroundings): WaitingReason {
  const { isElsewhere, exchange, routingKey, before, isMore, messageDueAt } = standing;
  const { exists, messages, consumers } = info ?? NOTHING;
  if (isElsewhere && exchange !== '')
    return { reason: 'elsewhere', exchange, routingKey, messages: null, consumers: null };
  // One that is being published just now may be the first of its queue.
  if (!exists && messageDueAt === null) return { reason: 'no_queue' };
  const ours = consumersOf(standing, workers);
  if (consumers === 0 || (!isElsewhere && ours.length === 0)) {
    return { reason: 'no_consumer', workers: isElsewhere ? [] : [...workers], isElsewhere };
  }
  if (isElsewhere) return { reason: 'elsewhere', exchange, routingKey, messages, consumers };
  const slots = ours.reduce((sum, { concurrency }) => sum + concurrency, 0);
  return { reason: 'in_line', before, isMore, messages, workers: ours.map(({ name }) => name), slots };
}

const NOTHING: QueueInfo = { exists: false, messages: 0, consumers: 0 };

/** Of a run of a broadcast, the one whose it is. */
function consumersOf(standing: Standing, workers: readonly LivingWorker[]): LivingWorker[] {
  const [{ queue }, from] = [standing, messageQueue(standing)];
  return workers.filter(
    ({ name, queues }) => queues.includes(queue) && (from === queue || from === broadcastQueue(queue, name)),
  );
}

function runOf(standing: Standing, { contract }: Surroundings): RunningReason {
  const { startedAt: claimedAt, at, attempt, isElsewhere, workerName: worker, leaseUntil, isLeaseAlive } = standing;
  const { deaths, progress, messageDueAt, waitReason } = standing;
  const startedAt = claimedAt ?? at;
  if (isElsewhere && attempt === 0) return { reason: 'running_elsewhere', startedAt, progress };
  if (!isLeaseAlive || worker === null || leaseUntil === null) {
    return { reason: 'worker_lost', worker, startedAt, attempt, deaths, leaseUntil, messageDueAt };
  }
  const [hardSeconds, softSeconds] = Array.isArray(standing.timeLimits) ? (standing.timeLimits as unknown[]) : [];
  return {
    reason: 'running',
    worker,
    startedAt,
    attempt,
    deaths,
    leaseUntil,
    isMessageReturned: waitReason === 'lease',
    progress,
    softTimeLimitAt: limitAt(startedAt, softSeconds, contract?.softTimeLimit),
    timeLimitAt: limitAt(startedAt, hardSeconds, contract?.timeLimit),
  };
}

/** The message's limit, else the contract's. 0 is no limit, as in Celery. */
function limitAt(startedAt: Date, ofMessage: unknown, ofContract: number | null | undefined): Date | null {
  const seconds = ofMessage || ofContract;
  return typeof seconds === 'number' ? new Date(startedAt.getTime() + seconds * 1000) : null;
}

function endOf(standing: Standing): EndedReason {
  const { state, at, finishedAt: endedAt, expiresAt, error, retries, deaths, isDeadLettered, queue } = standing;
  const finishedAt = endedAt ?? at;
  if (state === 'SUCCESS') return { reason: 'succeeded', finishedAt };
  if (state === 'FAILURE') {
    const letterQueue = isDeadLettered ? deadLetterQueue(queue) : null;
    return { reason: 'failed', finishedAt, error, retries, deaths, deadLetterQueue: letterQueue };
  }
  if (expiresAt === null || !isExpired(standing, expiresAt, finishedAt)) return { reason: 'revoked', finishedAt };
  return { reason: 'expired', finishedAt, expiresAt };
}

/** A run that was revoked says so, ours as Python's; Python's says so too of one that had expired. */
function isExpired({ error }: Standing, expiresAt: Date, finishedAt: Date): boolean {
  return error?.type === 'TaskRevokedError' ? error.message === 'expired' : expiresAt <= finishedAt;
}
