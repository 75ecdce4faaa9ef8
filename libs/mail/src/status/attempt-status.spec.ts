import { describe, expect, it } from '@jest/globals';
import type { MailFacts } from './mail-record.js';
import { attemptStatuses, type AttemptState, type AttemptStatus } from './attempt-status.js';

type Attempt = MailFacts['attempts'][number];

const AT = new Date('2026-01-02T03:04:05Z');
const LATER = new Date('2026-01-02T03:04:06Z');

function attempt(change: Partial<Attempt> = {}): Attempt {
  return {
    taskId: 'task-1',
    number: 1,
    workerId: 'worker-1',
    workerName: 'ann@host',
    startedAt: AT,
    pointOfNoReturnAt: null,
    finishedAt: AT,
    outcome: 'SUCCESS',
    error: null,
    log: null,
    ...change,
  };
}

const failed = (type: string): Partial<Attempt> => ({
  outcome: 'FAILURE',
  error: { type, message: '554 Spam', stack: null },
});

/** The task is not being run, unless that is said. */
function statusesOf(
  attempts: Attempt[],
  recipients: MailFacts['recipients'] = [],
  task: MailFacts['task'] = null,
): AttemptStatus[] {
  return attemptStatuses({ attempts, recipients, task });
}

describe('attemptStatuses', () => {
  it('runs while its task does, for that attempt', () => {
    const running = { id: 'task-1', state: 'STARTED', attempt: 2 } as MailFacts['task'];
    const open = { outcome: null, finishedAt: null };
    const attempts = [attempt(open), attempt({ ...open, number: 2, pointOfNoReturnAt: AT })];
    expect(statusesOf(attempts, [], running).map(({ state }) => state)).toEqual(['given_back', 'running']);
  });

  it.each<[change: Partial<Attempt>, state: AttemptState]>([
    [{}, 'accepted'],
    [{ outcome: 'RETRY' }, 'put_off'],
    [failed('MailRefusedError'), 'refused'],
    [failed('MailUncertainError'), 'uncertain'],
    [failed('Error'), 'failed'],
    [{ outcome: null, finishedAt: null }, 'given_back'],
    [{ outcome: null, finishedAt: null, pointOfNoReturnAt: AT }, 'uncertain'],
    [{ ...failed('MailMaybeSentError'), outcome: 'RETRY', pointOfNoReturnAt: AT }, 'uncertain'],
    [{ ...failed('MailMaybeSentError'), pointOfNoReturnAt: AT }, 'uncertain'],
    [{ outcome: 'RETRY', pointOfNoReturnAt: AT }, 'put_off'],
    [{ outcome: null, pointOfNoReturnAt: AT }, 'uncertain'],
    [{ outcome: null }, 'given_back'],
    [{ outcome: 'SNOOZE' }, 'given_back'],
    [{ outcome: 'WORKER_LOST' }, 'lost'],
    [{ outcome: 'WORKER_LOST', pointOfNoReturnAt: AT }, 'uncertain'],
  ])('%p is %s', (change, state) => {
    expect(statusesOf([attempt(change)])).toMatchObject([{ state }]);
  });

  it('counts from 1, over all sendings, and says who and what', () => {
    const error = { type: 'RetryTaskError', message: '450 Later', stack: 'at …' };
    const attempts = [attempt({ number: 4, outcome: 'RETRY', error }), attempt({ taskId: 'task-2', number: 1 })];
    expect(statusesOf(attempts)).toEqual([
      {
        number: 1,
        worker: 'ann@host',
        startedAt: AT,
        finishedAt: AT,
        state: 'put_off',
        error: '450 Later',
        replies: [],
      },
      { number: 2, worker: 'ann@host', startedAt: AT, finishedAt: AT, state: 'accepted', error: null, replies: [] },
    ]);
  });

  it('has no end when its worker died', () => {
    expect(statusesOf([attempt({ outcome: 'WORKER_LOST', finishedAt: LATER })])).toMatchObject([{ finishedAt: null }]);
  });

  it('has the words of the server that accepted it in that very attempt', () => {
    const recipient = { mailId: 'mail-1', position: 0, verdict: 'accepted' as const };
    const recipients: MailFacts['recipients'] = [
      { ...recipient, address: 'ada@example.com', reply: '250 Ok', answeredAt: AT },
      { ...recipient, address: 'bob@example.com', reply: '250 Fine', answeredAt: LATER },
      { ...recipient, address: 'cy@example.com', reply: '550 No', answeredAt: AT, verdict: 'refused' },
    ];
    const attempts = [attempt({ outcome: 'RETRY' }), attempt({ finishedAt: LATER })];
    expect(statusesOf(attempts, recipients).map(({ replies }) => replies)).toEqual([
      [{ address: 'ada@example.com', reply: '250 Ok' }],
      [{ address: 'bob@example.com', reply: '250 Fine' }],
    ]);
  });
});
