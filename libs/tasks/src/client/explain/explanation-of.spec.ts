import { describe, expect, it } from '@jest/globals';
import type { QueueInfo } from '../../broker/broker.js';
import type { LivingWorker, StoredStanding } from '../../store/standings.js';
import { explanationOf, queueToAsk } from './explanation-of.js';
import { explanationText } from './explanation-text.js';
import type { TaskExplanation } from './task-explanation.js';

const AT = new Date('2026-01-02T03:04:05Z');
const SOON = new Date('2026-01-02T03:04:15Z');
const BEFORE = new Date('2026-01-02T03:04:00Z');
const ERROR = { type: 'Error', message: 'boom', stack: null };

const QUEUED: StoredStanding = {
  taskId: 'id',
  taskName: 'images.resize',
  state: 'PENDING',
  at: AT,
  queue: 'images',
  exchange: 'images',
  routingKey: 'images',
  isElsewhere: false,
  waitReason: null,
  dueAt: null,
  isEarly: false,
  retries: 0,
  deaths: 0,
  attempt: 0,
  error: null,
  isDeadLettered: false,
  progress: null,
  timeLimits: null,
  expiresAt: null,
  startedAt: null,
  finishedAt: null,
  messageDueAt: null,
  isMessageOverdue: false,
  messageTrouble: null,
  workerName: null,
  leaseUntil: null,
  isLeaseAlive: false,
  revokeRequestedAt: null,
  isToBeTerminated: null,
  before: 0,
  isMore: false,
};

const WAITS = { isEarly: true, dueAt: SOON } as const;
const IN_OUTBOX = { messageDueAt: SOON } as const;
const ELSEWHERE = { isElsewhere: true, queue: 'celery', exchange: '', routingKey: 'celery' } as const;
/** Ann's run. */
const OWN_QUEUE = 'celeriac.broadcast.images/ann@host';
const BROADCAST = { state: 'RETRY', exchange: '', routingKey: OWN_QUEUE, retries: 1, before: null } as const;
const RUNNING = {
  state: 'STARTED',
  startedAt: BEFORE,
  attempt: 1,
  workerName: 'ann@host',
  leaseUntil: SOON,
  isLeaseAlive: true,
} as const;
const DEAD = { ...RUNNING, leaseUntil: BEFORE, isLeaseAlive: false } as const;
const ENDED = { startedAt: BEFORE, finishedAt: BEFORE, attempt: 1 } as const;

const ANN: LivingWorker = { name: 'ann@host', queues: ['images', 'default'], concurrency: 4 };
const BOB: LivingWorker = { name: 'bob@host', queues: ['mail'], concurrency: 2 };
const CONSUMED: QueueInfo = { exists: true, messages: 3, consumers: 1 };
const GONE: QueueInfo = { exists: false, messages: 0, consumers: 0 };

interface Case {
  standing?: Partial<StoredStanding>;
  workers?: LivingWorker[];
  queue?: QueueInfo | null;
  contract?: { maxRetries: number | null; softTimeLimit: number | null; timeLimit: number | null };
}

const CONTRACT = { maxRetries: 3, softTimeLimit: null, timeLimit: 60 };

const explained = ({ standing = {}, workers = [ANN], queue = CONSUMED, contract }: Case): TaskExplanation =>
  explanationOf({ ...QUEUED, ...standing }, { workers, queue, contract });

type Row = [given: Case, reason: Record<string, unknown>, text: string];

const WAITING: Row[] = [
  [
    { standing: { ...WAITS, waitReason: 'scheduled' }, queue: null },
    { reason: 'scheduled', dueAt: SOON },
    'It is scheduled for 2026-01-02 03:04:15 UTC (in 10 s).',
  ],
  [
    { standing: { ...WAITS, state: 'RETRY', waitReason: 'scheduled', retries: 2, error: ERROR }, contract: CONTRACT },
    { reason: 'retry', retry: 2, maxRetries: 3, error: ERROR },
    'It failed: Error: boom. Retry 2 of 3 is due at 2026-01-02 03:04:15 UTC (in 10 s).',
  ],
  [
    { standing: { ...WAITS, state: 'RETRY', waitReason: 'scheduled', retries: 4 }, contract: CONTRACT },
    { reason: 'retry', retry: 4, maxRetries: null, error: null },
    'It failed. Retry 4 is due at 2026-01-02 03:04:15 UTC (in 10 s).',
  ],
  [
    { standing: { ...WAITS, waitReason: 'rate_limited' } },
    { reason: 'rate_limited', dueAt: SOON },
    'Its rate limit is used up; its slot is at 2026-01-02 03:04:15 UTC (in 10 s).',
  ],
  [
    { standing: { ...WAITS, waitReason: 'snoozed' } },
    { reason: 'snoozed', dueAt: SOON },
    'Its handler has put it off until 2026-01-02 03:04:15 UTC (in 10 s).',
  ],
  [
    { standing: { ...WAITS, waitReason: 'no_handler' }, workers: [ANN, BOB] },
    { reason: 'no_handler', dueAt: SOON, workers: ['ann@host'] },
    'The worker that got it has no handler for images.resize. It is offered again at 2026-01-02 03:04:15 UTC (in 10 s), ' +
      'or as soon as a worker starts that has one. Who consumes queue "images": ann@host.',
  ],
  [
    { standing: { ...WAITS, waitReason: 'lease', deaths: 1 } },
    { reason: 'suspect', dueAt: SOON, deaths: 1 },
    '1 worker died while running it, so it has to start alone, and no worker was free for that. It is tried again at ' +
      '2026-01-02 03:04:15 UTC (in 10 s).',
  ],
];

const IN_THE_OUTBOX: Row[] = [
  [
    { standing: IN_OUTBOX, queue: null, workers: [] },
    { reason: 'broker_away', isPublished: false },
    'The broker is away. The message is kept in Postgres and published when it is back.',
  ],
  [
    { standing: { ...IN_OUTBOX, messageTrouble: 'unroutable' } },
    { reason: 'unroutable', exchange: 'images', routingKey: 'images', nextTryAt: SOON, isOverdue: false },
    'The broker has no queue for its message (exchange "images", routing key "images"). It is tried again at ' +
      '2026-01-02 03:04:15 UTC (in 10 s).',
  ],
  [
    { standing: { ...IN_OUTBOX, messageTrouble: 'unroutable' }, queue: null },
    { reason: 'broker_away', isPublished: false },
    'The broker is away. The message is kept in Postgres and published when it is back.',
  ],
  [
    { standing: { ...IN_OUTBOX, messageTrouble: 'unpublishable' } },
    { reason: 'unpublishable', nextTryAt: SOON },
    'Its message cannot be put on the wire; the log of the process that publishes says why. It is tried again at ' +
      '2026-01-02 03:04:15 UTC (in 10 s).',
  ],
  [
    { standing: { messageDueAt: BEFORE, isMessageOverdue: true, messageTrouble: 'unroutable' } },
    { reason: 'unroutable', nextTryAt: BEFORE, isOverdue: true },
    'The broker has no queue for its message (exchange "images", routing key "images"). It was to be tried again at ' +
      '2026-01-02 03:04:00 UTC (5 s ago), and is not: that takes a running app with TasksModule.',
  ],
  [
    { standing: { messageDueAt: AT, messageTrouble: 'unpublishable' } },
    { reason: 'unpublishable', nextTryAt: AT, isOverdue: false },
    'Its message cannot be put on the wire; the log of the process that publishes says why. It is just being tried ' +
      'again.',
  ],
  [
    { standing: { messageDueAt: BEFORE, isMessageOverdue: true } },
    { reason: 'unpublished', since: BEFORE },
    'Its message was due at 2026-01-02 03:04:00 UTC (5 s ago) and is not published yet: that takes a running app with ' +
      'TasksModule.',
  ],
];

const IN_ITS_QUEUE: Row[] = [
  [
    { queue: null },
    { reason: 'broker_away', isPublished: true },
    'The broker cannot be reached from here. The message is there already, in queue "images".',
  ],
  [
    { queue: GONE },
    { reason: 'no_queue' },
    'The broker has no queue "images": it was deleted, and the message with it.',
  ],
  [
    { workers: [], queue: { ...CONSUMED, consumers: 0 } },
    { reason: 'no_consumer', workers: [], isElsewhere: false },
    'No worker is running; its queue is "images".',
  ],
  [
    // What its consumers are, nobody knows; they are no workers that live.
    { workers: [], queue: CONSUMED },
    { reason: 'no_consumer', workers: [], isElsewhere: false },
    'No worker is running; its queue is "images".',
  ],
  [
    { standing: IN_OUTBOX, workers: [], queue: GONE },
    { reason: 'no_consumer', workers: [], isElsewhere: false },
    'No worker is running; its queue is "images".',
  ],
  [
    { workers: [BOB, { ...BOB, name: 'cy@host', queues: [] }] },
    { reason: 'no_consumer', isElsewhere: false },
    'No worker that is running consumes queue "images". Running, with their queues: bob@host (mail), cy@host (none).',
  ],
  [
    { queue: { ...CONSUMED, consumers: 0 } },
    { reason: 'no_consumer', workers: [ANN], isElsewhere: false },
    'Nobody consumes queue "images", though ann@host should: it has lost the broker, or has just died.',
  ],
  [
    {},
    { reason: 'in_line', before: 0, isMore: false, messages: 3, workers: ['ann@host'], slots: 4 },
    'It is next in queue "images", and starts as soon as one of 4 slots (ann@host) is free.',
  ],
  [
    { standing: { before: 1 }, workers: [ANN, BOB, { ...BOB, queues: ['images'] }] },
    { reason: 'in_line', before: 1, workers: ['ann@host', 'bob@host'], slots: 6 },
    '1 task is before it in queue "images", which has 6 slots (ann@host, bob@host).',
  ],
  [
    { standing: { before: 480, isMore: true } },
    { reason: 'in_line', before: 480, isMore: true },
    'At least 480 tasks are before it in queue "images", which has 4 slots (ann@host).',
  ],
  [
    { standing: { before: null } },
    { reason: 'in_line', before: null, messages: 3 },
    'It waits for its turn in queue "images", which has 3 messages and 4 slots (ann@host).',
  ],
];

const BROADCAST_RUNS: Row[] = [
  [
    { standing: BROADCAST, workers: [ANN, { ...BOB, queues: ['images'] }] },
    { reason: 'in_line', queue: OWN_QUEUE, workers: ['ann@host'], slots: 4 },
    `It waits for its turn in queue "${OWN_QUEUE}", which has 3 messages and 4 slots (ann@host).`,
  ],
  [
    { standing: BROADCAST, workers: [{ ...BOB, queues: ['images'] }], queue: { ...CONSUMED, consumers: 0 } },
    { reason: 'no_consumer', queue: OWN_QUEUE },
    `No worker that is running consumes queue "${OWN_QUEUE}". Running, with their queues: bob@host (images).`,
  ],
  [
    { standing: BROADCAST, queue: GONE },
    { reason: 'no_queue' },
    `The broker has no queue "${OWN_QUEUE}": it was deleted, and the message with it.`,
  ],
];

const SENT_ELSEWHERE: Row[] = [
  [
    { standing: ELSEWHERE, workers: [] },
    { reason: 'elsewhere', messages: 3, consumers: 1 },
    'It was handed over to workers elsewhere: queue "celery" has 1 consumer and 3 messages.',
  ],
  [
    { standing: ELSEWHERE, queue: { ...CONSUMED, consumers: 0 } },
    { reason: 'no_consumer', isElsewhere: true },
    'Nobody consumes queue "celery"; its workers are elsewhere.',
  ],
  [
    { standing: ELSEWHERE, queue: GONE },
    { reason: 'no_queue' },
    'The broker has no queue "celery": it was deleted, and the message with it.',
  ],
  [
    { standing: { ...ELSEWHERE, exchange: 'events', routingKey: 'a.b' }, queue: GONE },
    { reason: 'elsewhere', exchange: 'events', routingKey: 'a.b', messages: null, consumers: null },
    'It was handed over to workers elsewhere (exchange "events", routing key "a.b").',
  ],
  [
    { standing: { ...ELSEWHERE, state: 'STARTED', startedAt: BEFORE } },
    { reason: 'running_elsewhere', startedAt: BEFORE, progress: null },
    'A worker elsewhere, of queue "celery", has been running it since 2026-01-02 03:04:00 UTC (5 s ago).',
  ],
];

const STARTED: Row[] = [
  [
    { standing: RUNNING },
    { reason: 'running', worker: 'ann@host', attempt: 1, leaseUntil: SOON, timeLimitAt: null, softTimeLimitAt: null },
    'ann@host has been running it since 2026-01-02 03:04:00 UTC (5 s ago).',
  ],
  [
    { standing: { ...RUNNING, attempt: 2, progress: { state: 'PROGRESS', meta: { current: 1 } } }, contract: CONTRACT },
    { reason: 'running', timeLimitAt: new Date('2026-01-02T03:05:00Z'), softTimeLimitAt: null },
    'ann@host has been running it since 2026-01-02 03:04:00 UTC (5 s ago), run 2. It says: PROGRESS ' +
      '{"current":1}. Its time limit is at 2026-01-02 03:05:00 UTC (in 55 s).',
  ],
  [
    // The message's limits count more, and 0 is none.
    { standing: { ...RUNNING, timeLimits: [0, 10] }, contract: CONTRACT },
    { softTimeLimitAt: new Date('2026-01-02T03:04:10Z'), timeLimitAt: new Date('2026-01-02T03:05:00Z') },
    'ann@host has been running it since 2026-01-02 03:04:00 UTC (5 s ago). Its time limit is at 2026-01-02 03:04:10 UTC (in 5 s).',
  ],
  [
    { standing: { ...RUNNING, deaths: 1, attempt: 3 } },
    { reason: 'running', deaths: 1 },
    'ann@host has been running it since 2026-01-02 03:04:00 UTC (5 s ago), run 3. 1 worker died while ' +
      'running it before, so it was started alone.',
  ],
  [
    { standing: { ...RUNNING, waitReason: 'lease', ...WAITS, messageDueAt: SOON } },
    { reason: 'running', isMessageReturned: true },
    'ann@host has been running it since 2026-01-02 03:04:00 UTC (5 s ago). Its message was given back: if ann@host is ' +
      'dead, its lease runs out at 2026-01-02 03:04:15 UTC (in 10 s), and another worker takes it over.',
  ],
  [
    { standing: { ...RUNNING, revokeRequestedAt: BEFORE, isToBeTerminated: true } },
    { reason: 'running', revokeRequest: { at: BEFORE, terminate: true } },
    'ann@host has been running it since 2026-01-02 03:04:00 UTC (5 s ago). It was revoked at 2026-01-02 03:04:00 UTC ' +
      '(5 s ago), to be terminated; that has not ended it yet.',
  ],
  [
    { standing: { ...RUNNING, revokeRequestedAt: BEFORE, isToBeTerminated: false } },
    { reason: 'running', revokeRequest: { at: BEFORE, terminate: false } },
    'ann@host has been running it since 2026-01-02 03:04:00 UTC (5 s ago). It was revoked at 2026-01-02 03:04:00 UTC ' +
      '(5 s ago); that has not ended it yet.',
  ],
  [
    { standing: DEAD },
    { reason: 'worker_lost', worker: 'ann@host', leaseUntil: BEFORE, messageDueAt: null, attempt: 1, deaths: 0 },
    'ann@host died while running it: its lease ran out at 2026-01-02 03:04:00 UTC (5 s ago). The next worker that gets ' +
      'its message takes it over.',
  ],
  [
    { standing: { ...DEAD, workerName: null, leaseUntil: null, messageDueAt: SOON } },
    { reason: 'worker_lost', worker: null, leaseUntil: null, messageDueAt: SOON },
    'A worker that nobody knows any more died while running it. The next worker that gets its message takes it over; ' +
      'that is published at 2026-01-02 03:04:15 UTC (in 10 s).',
  ],
];

const OVER: Row[] = [
  [
    { standing: { ...ENDED, state: 'SUCCESS' } },
    { reason: 'succeeded', finishedAt: BEFORE, revokeRequest: null },
    'It succeeded at 2026-01-02 03:04:00 UTC (5 s ago).',
  ],
  [
    { standing: { ...ENDED, state: 'FAILURE', error: ERROR, retries: 2 } },
    { reason: 'failed', error: ERROR, retries: 2, deadLetterQueue: null },
    'It failed at 2026-01-02 03:04:00 UTC (5 s ago), after 2 retries: Error: boom.',
  ],
  [
    { standing: { ...ENDED, state: 'FAILURE', error: ERROR, isDeadLettered: true } },
    { reason: 'failed', deadLetterQueue: 'images.dead_letters' },
    'It failed at 2026-01-02 03:04:00 UTC (5 s ago): Error: boom. Its message was put into queue "images.dead_letters".',
  ],
  [
    { standing: { ...ENDED, state: 'REVOKED', revokeRequestedAt: BEFORE, isToBeTerminated: false } },
    { reason: 'revoked', finishedAt: BEFORE, revokeRequest: null },
    'It was revoked at 2026-01-02 03:04:00 UTC (5 s ago).',
  ],
  [
    { standing: { ...ENDED, state: 'REVOKED', expiresAt: SOON } },
    { reason: 'revoked', finishedAt: BEFORE },
    'It was revoked at 2026-01-02 03:04:00 UTC (5 s ago).',
  ],
  [
    { standing: { ...ENDED, state: 'REVOKED', expiresAt: BEFORE, finishedAt: AT } },
    { reason: 'expired', finishedAt: AT, expiresAt: BEFORE },
    'It expired at 2026-01-02 03:04:00 UTC (5 s ago), before a worker could start it.',
  ],
  [
    // A run that was revoked may go on past the time after which it was not to start.
    {
      standing: {
        ...ENDED,
        state: 'REVOKED',
        expiresAt: BEFORE,
        finishedAt: AT,
        error: { ...ERROR, type: 'TaskRevokedError' },
      },
    },
    { reason: 'revoked', finishedAt: AT },
    'It was revoked at 2026-01-02 03:04:05 UTC (0 s ago).',
  ],
];

describe('the explanation of a task', () => {
  it.each<Row>([
    ...WAITING,
    ...IN_THE_OUTBOX,
    ...IN_ITS_QUEUE,
    ...BROADCAST_RUNS,
    ...SENT_ELSEWHERE,
    ...STARTED,
    ...OVER,
  ])('of %j', (given, reason, text) => {
    const explanation = explained(given);
    expect(explanation).toMatchObject({ taskId: 'id', taskName: 'images.resize', at: AT, ...reason });
    expect(explanationText(explanation)).toBe(text);
  });

  it('is plain data', () => {
    const explanation = explained({ standing: RUNNING });
    expect(JSON.parse(JSON.stringify(explanation))).toMatchObject({
      reason: 'running',
      leaseUntil: SOON.toISOString(),
    });
  });

  it('cuts words that are too long', () => {
    const error = { ...ERROR, message: 'x'.repeat(1000) };
    expect(explanationText(explained({ standing: { ...ENDED, state: 'FAILURE', error } })).length).toBeLessThan(300);
  });

  it.each<[what: string, standing: Partial<StoredStanding>, queue: string | null]>([
    ['waits for its turn', {}, 'images'],
    ['is in the outbox', IN_OUTBOX, 'images'],
    ['was sent elsewhere', ELSEWHERE, 'celery'],
    ['was sent elsewhere over an exchange', { ...ELSEWHERE, exchange: 'events', routingKey: 'a.b' }, 'celery'],
    ['is a run of a broadcast', BROADCAST, OWN_QUEUE],
    ['waits for a time', WAITS, null],
    ['is being run', RUNNING, null],
    ['has ended', { state: 'FAILURE' }, null],
  ])('of one that %s needs the queue %3$s', (_what, standing, queue) => {
    expect(queueToAsk({ ...QUEUED, ...standing })).toBe(queue);
  });
});
