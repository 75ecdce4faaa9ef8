import type { LivingWorker } from '../../store/standings.js';
import type { TaskError } from '../../store/task-store.js';
import type { TaskExplanation } from './task-explanation.js';

/** Longer words of an error, or of a run about itself, are cut: elsewhere they are told in full. */
const MAX_QUOTED_LENGTH = 200;

type Reason = TaskExplanation['reason'];
type Of<Some extends Reason> = Extract<TaskExplanation, { reason: Some }>;

/** Puts a time into words. */
type Moment = (time: Date) => string;

/**
 * @param timeText - how a time is written. @defaultValue such as `2026-01-02 03:04:05 UTC`
 * @returns an explanation in plain English: a sentence or two
 */
export function explanationText(explanation: TaskExplanation, timeText: (time: Date) => string = utcText): string {
  const { revokeRequest, at, reason } = explanation;
  const moment: Moment = (time) => `${timeText(time)} (${distance(time, at)})`;
  const words = (WORDS[reason] as (explanation: TaskExplanation, moment: Moment) => string)(explanation, moment);
  if (revokeRequest === null) return words;
  const how = revokeRequest.terminate ? ', to be terminated' : '';
  return `${words} It was revoked at ${moment(revokeRequest.at)}${how}; that has not ended it yet.`;
}

const WORDS: { [Some in Reason]: (explanation: Of<Some>, moment: Moment) => string } = {
  scheduled: ({ dueAt }, moment) => `It is scheduled for ${moment(dueAt)}.`,
  retry: ({ dueAt, retry, maxRetries, error }, moment) =>
    `It failed${quoted(error)}. Retry ${retry}${maxRetries === null ? '' : ` of ${maxRetries}`} is due at ` +
    `${moment(dueAt)}.`,
  rate_limited: ({ dueAt }, moment) => `Its rate limit is used up; its slot is at ${moment(dueAt)}.`,
  snoozed: ({ dueAt }, moment) => `Its handler has put it off until ${moment(dueAt)}.`,
  no_handler: ({ taskName, dueAt, queue, workers }, moment) =>
    `The worker that got it has no handler for ${taskName}. It is offered again at ${moment(dueAt)}, or as soon as ` +
    `a worker starts that has one. Who consumes queue "${queue}": ${workers.join(', ') || 'nobody'}.`,
  suspect: ({ dueAt, deaths }, moment) =>
    `${count(deaths, 'worker')} died while running it, so it has to start alone, and no worker was free for that. It is ` +
    `tried again at ${moment(dueAt)}.`,

  unroutable: ({ exchange, routingKey, ...retry }, moment) =>
    `The broker has no queue for its message (exchange "${exchange}", routing key "${routingKey}"). ` +
    nextTry(retry, moment),
  unpublishable: (retry, moment) =>
    `Its message cannot be put on the wire; the log of the process that publishes says why. ${nextTry(retry, moment)}`,
  unpublished: ({ since }, moment) =>
    `Its message was due at ${moment(since)} and is not published yet: that takes a running app with TasksModule.`,
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

  running: ({ worker, startedAt, attempt, ...run }, moment) =>
    `${worker} has been running it since ${moment(startedAt)}${attempt === 1 ? '' : `, run ${attempt}`}.` +
    runWords({ worker, ...run }, moment),
  worker_lost: ({ worker, leaseUntil, messageDueAt }, moment) =>
    `${worker ?? 'A worker that nobody knows any more'} died while running it` +
    `${leaseUntil === null ? '' : `: its lease ran out at ${moment(leaseUntil)}`}. The next worker that gets its ` +
    `message takes it over${messageDueAt === null ? '' : `; that is published at ${moment(messageDueAt)}`}.`,
  running_elsewhere: ({ startedAt, queue }, moment) =>
    `A worker elsewhere, of queue "${queue}", has been running it since ${moment(startedAt)}.`,

  succeeded: ({ finishedAt }, moment) => `It succeeded at ${moment(finishedAt)}.`,
  failed: ({ finishedAt, error, retries, deadLetterQueue }, moment) => {
    const after = retries === 0 ? '' : `, after ${retries === 1 ? '1 retry' : `${retries} retries`}`;
    const letter = deadLetterQueue === null ? '' : ` Its message was put into queue "${deadLetterQueue}".`;
    return `It failed at ${moment(finishedAt)}${after}${quoted(error)}.${letter}`;
  },
  revoked: ({ finishedAt }, moment) => `It was revoked at ${moment(finishedAt)}.`,
  expired: ({ expiresAt }, moment) => `It expired at ${moment(expiresAt)}, before a worker could start it.`,
};

type Retried = Pick<Of<'unroutable'>, 'nextTryAt' | 'isOverdue' | 'at'>;

function nextTry({ nextTryAt, isOverdue, at }: Retried, moment: Moment): string {
  const when = moment(nextTryAt);
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
    'worker' | 'deaths' | 'progress' | 'softTimeLimitAt' | 'timeLimitAt' | 'isMessageReturned' | 'leaseUntil'
  >,
  moment: Moment,
): string {
  const { worker, deaths, progress, isMessageReturned, leaseUntil } = run;
  const limitAt = run.softTimeLimitAt ?? run.timeLimitAt;
  return [
    progress === null ? '' : ` It says: ${progress.state} ${cut(JSON.stringify(progress.meta))}.`,
    deaths === 0 ? '' : ` ${count(deaths, 'worker')} died while running it before, so it was started alone.`,
    limitAt === null ? '' : ` Its time limit is at ${moment(limitAt)}.`,
    !isMessageReturned
      ? ''
      : ` Its message was given back: if ${worker} is dead, its lease runs out at ${moment(leaseUntil)}, and ` +
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

function utcText(time: Date): string {
  return time.toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
}

/** Such as `in 45 s`. */
function distance(time: Date, at: Date): string {
  const ms = time.getTime() - at.getTime();
  return ms > 0 ? `in ${duration(ms)}` : `${duration(-ms)} ago`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
