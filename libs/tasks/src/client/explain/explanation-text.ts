import type { LivingWorker } from '../../store/standings.js';
import type { TaskError } from '../../store/task-store.js';
import type { TaskExplanation } from './task-explanation.js';

/** Longer words of an error, or of a run about itself, are cut: they are told in full elsewhere. */
const MAX_QUOTED_LENGTH = 200;

type Of<Reason extends TaskExplanation['reason']> = Extract<TaskExplanation, { reason: Reason }>;
type Words = { [Reason in TaskExplanation['reason']]: (explanation: Of<Reason>) => string };

const WORDS: Words = {
  scheduled: ({ dueAt, at }) => `It is scheduled for ${moment(dueAt, at)}.`,
  retry: ({ dueAt, at, retry, maxRetries, error }) =>
    `It failed${becauseOf(error)}. Retry ${retry}${maxRetries === null ? '' : ` of ${maxRetries}`} is due at ${moment(dueAt, at)}.`,
  rate_limited: ({ dueAt, at }) => `Its rate limit is used up; its slot is at ${moment(dueAt, at)}.`,
  snoozed: ({ dueAt, at }) => `Its handler has put it off until ${moment(dueAt, at)}.`,
  no_handler: ({ taskName, dueAt, at, queue, workers }) =>
    `The worker that got it has no handler for ${taskName}. It is offered again at ${moment(dueAt, at)}, or as soon as ` +
    `a worker starts that has one; ${workers.length === 0 ? 'nobody' : workers.join(', ')} consumes queue "${queue}".`,
  suspect: ({ dueAt, at, deaths }) =>
    `${count(deaths, 'worker')} died while running it, so it has to run alone, and no worker was free for that. It is ` +
    `tried again at ${moment(dueAt, at)}.`,
  broker_away: ({ isPublished, queue }) =>
    isPublished
      ? `The broker cannot be reached from here. The message is there already, in queue "${queue}".`
      : 'The broker is away. The message is kept in Postgres and published when it is back.',
  unroutable: ({ exchange, routingKey, nextTryAt, at }) =>
    `The broker has no queue for its message (exchange "${exchange}", routing key "${routingKey}"). It is published ` +
    `again at ${moment(nextTryAt, at)}.`,
  unpublishable: ({ nextTryAt, at }) =>
    'Its message cannot be put on the wire; the log of the process that publishes says why. It is tried again at ' +
    `${moment(nextTryAt, at)}.`,
  unpublished: ({ since, at }) =>
    `Its message was due at ${moment(since, at)} and is not published yet: an app with TasksModule has to run for that.`,
  no_queue: ({ queue }) => `The broker has no queue "${queue}": it was deleted, and the message with it.`,
  no_consumer: ({ queue, workers, isElsewhere }) => nobodyConsumes(queue, workers, isElsewhere),
  in_line: (explanation) => lineWords(explanation),
  elsewhere: ({ exchange, routingKey, messages, consumers }) =>
    consumers === null
      ? `It was handed over to workers elsewhere (exchange "${exchange}", routing key "${routingKey}").`
      : `It was handed over to workers elsewhere: ${count(consumers, 'consumer')} on queue "${routingKey}", where ` +
        `${count(messages ?? 0, 'message')} ${messages === 1 ? 'waits' : 'wait'}.`,
  running: (explanation) => runWords(explanation),
  worker_lost: ({ worker, at, attempt, leaseUntil, messageDueAt }) =>
    `${worker ?? 'A worker'} died while running it (attempt ${attempt}); its lease ran out` +
    `${leaseUntil === null ? '' : ` at ${moment(leaseUntil, at)}`}. The next worker that gets its message takes it over` +
    `${messageDueAt === null ? '' : `; that is published at ${moment(messageDueAt, at)}`}.`,
  running_elsewhere: ({ startedAt, at, queue }) =>
    `A worker elsewhere, of queue "${queue}", has been running it since ${moment(startedAt, at)}.`,
  succeeded: ({ finishedAt, at }) => `It succeeded at ${moment(finishedAt, at)}.`,
  failed: ({ finishedAt, at, error, retries, deadLetterQueue }) =>
    `It failed at ${moment(finishedAt, at)}${retries === 0 ? '' : ` after ${retries === 1 ? '1 retry' : `${retries} retries`}`}` +
    `${becauseOf(error)}.${deadLetterQueue === null ? '' : ` Its message was put into the dead letters ("${deadLetterQueue}").`}`,
  revoked: ({ finishedAt, at }) => `It was revoked at ${moment(finishedAt, at)}.`,
  expired: ({ expiresAt, at }) => `It expired at ${moment(expiresAt, at)}, before a worker could start it.`,
};

/** @returns an explanation in plain English: a sentence or two, times in UTC */
export function explanationText(explanation: TaskExplanation): string {
  const words = (WORDS[explanation.reason] as (explanation: TaskExplanation) => string)(explanation);
  const { revokeRequest, at } = explanation;
  if (revokeRequest === null) return words;
  const how = revokeRequest.terminate ? 'to be terminated' : 'to be revoked';
  return `${words} Since ${moment(revokeRequest.at, at)} it is ${how}.`;
}

function lineWords({ before, isMore, messages, queue, workers, slots }: Of<'in_line'>): string {
  const runners = `${workers.join(', ')} ${workers.length === 1 ? 'consumes' : 'consume'} it, ${slots} at a time`;
  if (before === null) {
    return `It waits for its turn in queue "${queue}" (${count(messages, 'message')} there); ${runners}.`;
  }
  if (before === 0 && !isMore)
    return `It is next in queue "${queue}"; ${runners}, and ${workers.length === 1 ? 'is' : 'are'} busy.`;
  return `${isMore ? 'At least ' : ''}${count(before, 'task')} ${before === 1 ? 'is' : 'are'} before it in queue "${queue}"; ${runners}.`;
}

function nobodyConsumes(queue: string, workers: readonly LivingWorker[], isElsewhere: boolean): string {
  if (isElsewhere) return `Nobody consumes queue "${queue}"; its workers are elsewhere.`;
  if (workers.length === 0) return `No worker is running; its queue is "${queue}".`;
  const meant = workers.filter(({ queues }) => queues.includes(queue));
  if (meant.length > 0) {
    return `Nobody consumes queue "${queue}", though ${namesOf(meant)} should: has it lost the broker, or just died?`;
  }
  const others = workers.map(({ name, queues }) => `${name} (${queues.length === 0 ? 'none' : queues.join(', ')})`);
  return `No worker that is running consumes queue "${queue}"; there are, with their queues: ${others.join(', ')}.`;
}

function runWords({ worker, startedAt, at, attempt, deaths, leaseUntil, ...run }: Of<'running'>): string {
  const progress =
    run.progress === null ? '' : ` It says: ${run.progress.state} ${cut(JSON.stringify(run.progress.meta))}.`;
  const limitAt = run.softTimeLimitAt ?? run.timeLimitAt;
  return (
    `${worker} has been running it since ${moment(startedAt, at)}${attempt === 1 ? '' : ` (attempt ${attempt})`}.` +
    progress +
    (deaths === 0 ? '' : ` It runs alone, since ${count(deaths, 'worker')} died while running it.`) +
    (limitAt === null ? '' : ` Its time limit is at ${moment(limitAt, at)}.`) +
    (run.isMessageReturned
      ? ` Its message was given back: if ${worker} is dead, its lease runs out at ${moment(leaseUntil, at)}, and another worker takes it over.`
      : '')
  );
}

function namesOf(workers: readonly LivingWorker[]): string {
  return workers.map(({ name }) => name).join(', ');
}

function becauseOf(error: TaskError | null): string {
  return error === null ? '' : `: ${error.type}: ${cut(error.message)}`;
}

function cut(text: string): string {
  return text.length <= MAX_QUOTED_LENGTH ? text : `${text.slice(0, MAX_QUOTED_LENGTH)}...`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Such as `2026-01-02 03:04:05 UTC (in 45 s)`. */
function moment(date: Date, at: Date): string {
  const text = date.toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
  const distanceMs = date.getTime() - at.getTime();
  return `${text} (${distanceMs >= 0 ? `in ${duration(distanceMs)}` : `${duration(-distanceMs)} ago`})`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
