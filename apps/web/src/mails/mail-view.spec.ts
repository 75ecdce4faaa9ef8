import { describe, expect, it } from '@jest/globals';
import type { MailRecord, MailState } from '@celeriac/mail';
import { mailListItem, mailView } from './mail-view.js';

type Attempt = MailRecord['attempts'][number];
type Task = NonNullable<MailRecord['task']>;
type Verdict = MailRecord['recipients'][number]['verdict'];

const ID = '0198c0de-0000-7000-8000-000000000001';
const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 2, 3, 4, seconds));

function attempt(number: number, change: Partial<Attempt> = {}): Attempt {
  return {
    taskId: 'task-1',
    number,
    workerId: 'worker-1',
    workerName: 'celery@host',
    startedAt: at(0),
    finishedAt: at(1),
    outcome: 'RETRY',
    error: { type: 'Error', message: '450 Later', stack: null },
    dataStartedAt: null,
    ...change,
  } as Attempt;
}

function record(task: Partial<Task> | null = {}, verdicts: Verdict[] = [null], attempts: Attempt[] = []): MailRecord {
  return {
    waiting: null,
    mail: {
      id: ID,
      taskId: 'task-1',
      idempotencyKey: 'k',
      earlierTaskIds: [],
      subject: 'Hello',
      message: 'Hi <b>',
      createdAt: at(5),
    },
    recipients: verdicts.map((verdict, position) => ({
      mailId: ID,
      position,
      address: `user${position}@example.com`,
      verdict,
      reply: verdict && `250 ${verdict}`,
      answeredAt: null,
    })),
    task: task && {
      id: 'task-1',
      state: 'PENDING',
      waitReason: null,
      dueAt: null,
      retries: 0,
      attempt: 1,
      error: null,
      startedAt: null,
      finishedAt: null,
      ...task,
    },
    attempts,
  };
}

const error = { type: 'Error', message: '451 Greylisted', stack: null };

describe('mailView', () => {
  it('shows the mail, its address and when it was accepted', () => {
    expect(mailView(record(), 'support@example.com')).toMatchObject({
      id: ID,
      url: `/mails/${ID}`,
      subject: 'Hello',
      from: 'support@example.com',
      message: 'Hi <b>',
      createdAt: '2026-01-02T03:04:05.000Z',
      createdAtText: '2 Jan 2026, 03:04 UTC',
      nextAttemptAt: null,
      nextAttemptAtText: '',
      settled: false,
    });
  });

  it.each<[key: MailState, task: Partial<Task> | null, verdicts: Verdict[], detail: string, tone: string]>([
    ['queued', {}, [null], 'Your mail is stored and waits for a worker.', 'waiting'],
    ['queued', { waitReason: 'no_handler' }, [null], 'Waiting for a worker that can send mail.', 'waiting'],
    ['sending', { state: 'STARTED' }, [null], 'A worker is handing it to the mail server.', 'active'],
    ['retrying', { state: 'RETRY', error }, [null], '451 Greylisted', 'warning'],
    ['retrying', { state: 'RETRY' }, [null], '', 'warning'],
    ['sent', { state: 'SUCCESS' }, ['accepted'], 'The mail server accepted it.', 'good'],
    ['sent', { state: 'SUCCESS' }, ['accepted', 'accepted'], 'The mail server accepted it for all recipients.', 'good'],
    ['refused', { state: 'FAILURE', error }, ['refused'], 'The mail server refused it, for good.', 'bad'],
    [
      'refused',
      { state: 'SUCCESS' },
      ['accepted', 'refused', 'accepted'],
      'Accepted for 2 of 3 recipients; the mail server refused the others.',
      'bad',
    ],
    ['failed', { state: 'FAILURE', error }, [null], 'Given up: 451 Greylisted', 'bad'],
    ['failed', null, [null], 'Given up: Its task is gone.', 'bad'],
    [
      'failed',
      { state: 'FAILURE', error },
      ['accepted', null],
      'Accepted for 1 of 2 recipients. Given up for the others: 451 Greylisted',
      'bad',
    ],
    [
      'uncertain',
      { state: 'SUCCESS' },
      ['uncertain'],
      'The link to the mail server broke before its answer. It may have been sent or not, so it is not sent again.',
      'warning',
    ],
  ])('says of a mail that is %s (task %j, verdicts %j): %s', (key, task, verdicts, detail, tone) => {
    expect(mailView(record(task, verdicts), 'x').state).toMatchObject({ key, detail, tone });
  });

  it.each<[task: Task['state'], verdict: Verdict, statuses: string[]]>([
    ['PENDING', null, ['done', 'current', 'todo', 'todo']],
    ['RETRY', null, ['done', 'current', 'todo', 'todo']],
    ['STARTED', null, ['done', 'done', 'current', 'todo']],
    ['SUCCESS', 'accepted', ['done', 'done', 'done', 'done']],
    ['FAILURE', 'refused', ['done', 'done', 'done', 'problem']],
    ['FAILURE', null, ['done', 'done', 'done', 'problem']],
    ['SUCCESS', 'uncertain', ['done', 'done', 'done', 'problem']],
  ])('shows how far a mail with task %s and verdict %p is: %j', (state, verdict, statuses) => {
    const { steps } = mailView(record({ state }, [verdict]), 'x');
    expect(steps.map(({ label }) => label)).toEqual(['Accepted', 'Queued', 'Sending', 'Sent']);
    expect(steps.map(({ status }) => status)).toEqual(statuses);
  });

  it("shows each recipient with its own state and the server's words", () => {
    const { recipients } = mailView(record({ state: 'RETRY' }, ['accepted', null]), 'x');
    expect(recipients).toMatchObject([
      { address: 'user0@example.com', state: { key: 'sent', label: 'Sent', detail: '250 accepted' } },
      { address: 'user1@example.com', state: { key: 'retrying', label: 'Will be tried again', detail: '' } },
    ]);
  });

  it('says when it is tried again, and that it goes on', () => {
    expect(mailView(record({ state: 'RETRY', dueAt: at(59) }), 'x')).toMatchObject({
      nextAttemptAt: '2026-01-02T03:04:59.000Z',
      nextAttemptAtText: '2 Jan 2026, 03:04 UTC',
      settled: false,
    });
  });

  it('is settled when nothing changes any more by itself', () => {
    expect(mailView(record({ state: 'SUCCESS' }, ['accepted']), 'x').settled).toBe(true);
  });
});

describe('attempts', () => {
  it('come newest first, and leave the record as it is', () => {
    const given = record({}, [null], [attempt(1), attempt(2), attempt(3)]);
    expect(mailView(given, 'x').attempts.map(({ number }) => number)).toEqual([3, 2, 1]);
    expect(given.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it.each<[outcome: Attempt['outcome'], label: string, tone: string]>([
    ['SUCCESS', 'Done', 'good'],
    ['RETRY', 'Put off', 'warning'],
    ['FAILURE', 'Failed', 'bad'],
    ['WORKER_LOST', 'The worker was lost', 'warning'],
    [null, 'Interrupted', 'warning'],
  ])('with outcome %p are shown as %s', (outcome, label, tone) => {
    const [shown] = mailView(record({}, [null], [attempt(1, { outcome })]), 'x').attempts;
    expect(shown).toMatchObject({ label, tone, worker: 'celery@host', detail: '450 Later' });
  });

  it('shows an attempt that goes on as running', () => {
    const going = attempt(1, { outcome: null, finishedAt: null });
    expect(mailView(record({}, [null], [going]), 'x').attempts[0]).toMatchObject({ label: 'Running', tone: 'active' });
  });

  it.each<[startedAt: Date | null, finishedAt: Date | null, durationText: string]>([
    [at(0), at(0), '0 ms'],
    [new Date(1000), new Date(1999), '999 ms'],
    [at(0), at(1), '1.0 s'],
    [new Date(0), new Date(12_340), '12.3 s'],
    [at(0), null, ''],
    [null, at(0), ''],
  ])('from %p to %p took "%s"', (startedAt, finishedAt, durationText) => {
    const [shown] = mailView(record({}, [null], [attempt(1, { startedAt, finishedAt })]), 'x').attempts;
    expect(shown).toMatchObject({ durationText, startedAt: startedAt?.toISOString() ?? null });
  });
});

describe('mailListItem', () => {
  it.each<[verdicts: Verdict[], recipientsText: string]>([
    [[null], 'user0@example.com'],
    [[null, null], 'user0@example.com and 1 more'],
    [[null, null, null], 'user0@example.com and 2 more'],
    [[], ''],
  ])('of %j names the first recipient: "%s"', (verdicts, recipientsText) => {
    expect(mailListItem(record({}, verdicts))).toMatchObject({
      id: ID,
      url: `/mails/${ID}`,
      subject: 'Hello',
      createdAtText: '2 Jan 2026, 03:04 UTC',
      recipientsText,
    });
  });

  it('has the same state as the page of the mail', () => {
    const given = record({ state: 'FAILURE', error }, ['accepted', null]);
    expect(mailListItem(given).state).toEqual(mailView(given, 'x').state);
  });
});
