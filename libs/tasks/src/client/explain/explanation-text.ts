import type { LivingWorker } from '../../store/standings.js';
import type { TaskError } from '../../store/task-store.js';
import type { TaskExplanation } from './task-explanation.js';

/** Longer words of an error, or of a run about itself, are cut: elsewhere they are told in full. */
const MAX_QUOTED_LENGTH = 200;

type Reason = TaskExplanation['reason'];
type Of<Some extends Reason> = Extract<TaskExplanation, { reason: Some }>;

/** @returns an explanation in plain English: a sentence or two, times in UTC */
export function explanationText(explanation: TaskExplanation): string {
  const words = WORDS[explanation.reason] as (explanation: TaskExplanation) => string;
  const { revokeRequest, at } = explanation;
  if (revokeRequest === null) return words(explanation);
  const how = revokeRequest.terminate ? ', to be terminated' : '';
  return `${words(explanation)} It was revoked at ${moment(revokeRequest.at, at)}${how}; that has not ended it yet.`;
}

const WORDS: { [Some in Reason]: (explanation: Of<Some>) => string } = {
  scheduled: ({ dueAt, at }) => `It is scheduled for ${moment(dueAt, at)}.`,
  retry: ({ dueAt, at, retry, maxRetries, error }) =>
    `It failed${quoted(error)}. Retry ${retry}${maxRetries === null ? '' : ` of ${maxRetries}`} is due at ` +
    `${moment(dueAt, at)}.`,
  rate_limited: ({ dueAt, at }) => `Its rate limit is used up; its slot is at ${moment(dueAt, at)}.`,
  snoozed: ({ dueAt, at }) => `Its handler has put it off until ${moment(dueAt, at)}.`,
  no_handler: ({ taskName, dueAt, at, queue, workers }) =>
    `The worker that got it has no handler for ${taskName}. It is offered again at ${moment(dueAt, at)}, or as soon as ` +
    `a worker starts that has one. Who consumes queue "${queue}": ${workers.join(', ') || 'nobody'}.`,
  suspect: ({ dueAt, at, deaths }) =>
    `${count(deaths, 'worker')} died while running it, so it has to start alone, and no worker was free for that. It is ` +
    `tried again at ${moment(dueAt, at)}.`,

  unroutable: ({ exchange, routingKey, ...retry }) =>
    `The broker has no queue for its message (exchange "${exchange}", routing key "${routingKey}"). ` + nextTry(retry),
  unpublishable: (retry) =>
    `Its message cannot be put on the wire; the log of the process that publishes says why. ${nextTry(retry)}`,
  unpublished: ({ since, at }) =>
    `Its message was due at ${moment(since, at)} and is not published yet: that takes a running app with TasksModule.`,
  broker_away: ({ isPublished, queue }) =>
    isPublished
      ? `The broker cannot be reached from here. The message is there already, in queue "${queue}".`
      : 'The broker is away. The message is kept in Postgres and published when it is back.',

  no_queue: ({ queue }) => `The broker has no queue "${queue}": it was deleted, and the message with it.`,
  no_consumer: ({ queue, workers, isElsewhere }) =>
    isElsewhere ? `Nobody consumes queue "${queue}"; its workers are elsewhere.` : nobodyConsumes(queue, workers),
  in_line: ({ before, isMore, messages, queue, workers, slots }) => {
    const place = `queue "${queue}"`;
    const there = `${count(slots, 'slot')} (${workers.join(', ')})`;
    if (before === null) {
      return `It waits for its turn in ${place}, which has ${count(messages, 'message')} and ${there}.`;
    }
    if (before === 0 && !isMore) return `It is next in ${place}, and starts as soon as one of ${there} is free.`;
    const are = before === 1 ? 'is' : 'are';
    return `${isMore ? 'At least ' : ''}${count(before, 'task')} ${are} before it in ${place}, which has ${there}.`;
  },
  elsewhere: ({ exchange, routingKey, messages, consumers }) => {
    const where =
      messages === null || consumers === null
        ? ` (exchange "${exchange}", routing key "${routingKey}")`
        : `: queue "${routingKey}" has ${count(consumers, 'consumer')} and ${count(messages, 'message')}`;
    return `It was handed over to workers elsewhere${where}.`;
  },

  running: ({ worker, startedAt, at, attempt, ...run }) =>
    `${worker} has been running it since ${moment(startedAt, at)}${attempt === 1 ? '' : `, run ${attempt}`}.` +
    runWords({ worker, at, ...run }),
  worker_lost: ({ worker, at, leaseUntil, messageDueAt }) =>
    `${worker ?? 'A worker that nobody knows any more'} died while running it` +
    `${leaseUntil === null ? '' : `: its lease ran out at ${moment(leaseUntil, at)}`}. The next worker that gets its ` +
    `message takes it over${messageDueAt === null ? '' : `; that is published at ${moment(messageDueAt, at)}`}.`,
  running_elsewhere: ({ startedAt, at, queue }) =>
    `A worker elsewhere, of queue "${queue}", has been running it since ${moment(startedAt, at)}.`,

  succeeded: ({ finishedAt, at }) => `It succeeded at ${moment(finishedAt, at)}.`,
  failed: ({ finishedAt, at, error, retries, deadLetterQueue }) => {
    const after = retries === 0 ? '' : `, after ${retries === 1 ? '1 retry' : `${retries} retries`}`;
    const letter = deadLetterQueue === null ? '' : ` Its message was put into queue "${deadLetterQueue}".`;
    return `It failed at ${moment(finishedAt, at)}${after}${quoted(error)}.${letter}`;
  },
  revoked: ({ finishedAt, at }) => `It was revoked at ${moment(finishedAt, at)}.`,
  expired: ({ expiresAt, at }) => `It expired at ${moment(expiresAt, at)}, before a worker could start it.`,
};

function nextTry({ nextTryAt, isOverdue, at }: Pick<Of<'unroutable'>, 'nextTryAt' | 'isOverdue' | 'at'>): string {
  const when = moment(nextTryAt, at);
  if (isOverdue) return `It was to be tried again at ${when}, and is not: that takes a running app with TasksModule.`;
  return nextTryAt > at ? `It is tried again at ${when}.` : 'It is just being tried again.';
}

function nobodyConsumes(queue: string, workers: readonly LivingWorker[]): string {
  if (workers.length === 0) return `No worker is running; its queue is "${queue}".`;
  const meant = workers.filter(({ queues }) => queues.includes(queue));
  if (meant.length > 0) {
    const names = meant.map(({ name }) => name).join(', ');
    return `Nobody consumes queue "${queue}", though ${names} should: it has lost the broker, or has just died.`;
  }
  const others = workers.map(({ name, queues }) => `${name} (${queues.join(', ') || 'none'})`).join(', ');
  return `No worker that is running consumes queue "${queue}". Running, with their queues: ${others}.`;
}

/** What there is to say of a run besides who runs it. */
function runWords(
  run: Pick<
    Of<'running'>,
    'worker' | 'at' | 'deaths' | 'progress' | 'softTimeLimitAt' | 'timeLimitAt' | 'isMessageReturned' | 'leaseUntil'
  >,
): string {
  const { worker, at, deaths, progress, isMessageReturned, leaseUntil } = run;
  const limitAt = run.softTimeLimitAt ?? run.timeLimitAt;
  return [
    progress === null ? '' : ` It says: ${progress.state} ${cut(JSON.stringify(progress.meta))}.`,
    deaths === 0 ? '' : ` ${count(deaths, 'worker')} died while running it before, so it was started alone.`,
    limitAt === null ? '' : ` Its time limit is at ${moment(limitAt, at)}.`,
    !isMessageReturned
      ? ''
      : ` Its message was given back: if ${worker} is dead, its lease runs out at ${moment(leaseUntil, at)}, and ` +
        'another worker takes it over.',
  ].join('');
}

function quoted(error: TaskError | null): string {
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
  return `${text} (${distanceMs > 0 ? `in ${duration(distanceMs)}` : `${duration(-distanceMs)} ago`})`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
