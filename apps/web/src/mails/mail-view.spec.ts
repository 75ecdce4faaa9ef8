import { describe, expect, it } from '@jest/globals';
import type { MailRecord, MailState } from '@celeriac/mail';
import { mailListItem } from './mail-list.js';
import { mailView, type MailView } from './mail-view.js';

type Task = NonNullable<MailRecord['task']>;
type Verdict = MailRecord['recipients'][number]['verdict'];

const ID = '0198c0de-0000-7000-8000-000000000001';
const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 2, 3, 4, seconds));

function record(task: Partial<Task> | null = {}, verdicts: Verdict[] = [null]): MailRecord {
  return {
    waiting: null,
    hasText: true,
    mail: {
      id: ID,
      taskId: 'task-1',
      idempotencyKey: 'k',
      earlierTaskIds: [],
      subject: 'Hello',
      message: 'Hi <b>',
      createdAt: at(5),
      textRemovedAt: null,
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
    attempts: [],
  };
}

const context = { from: 'support@example.com', csrfToken: 'token' };
const viewOf = (given: MailRecord, now = at(10)): MailView => mailView(given, context, now);

const error = { type: 'Error', message: '451 Greylisted', stack: null };

describe('mailView', () => {
  it('shows the mail, its address and when it was accepted', () => {
    expect(viewOf(record())).toMatchObject({
      id: ID,
      url: `/mails/${ID}`,
      subject: 'Hello',
      from: 'support@example.com',
      message: 'Hi <b>',
      title: 'Queued: Hello',
      recipientsText: 'user0@example.com',
      accepted: { iso: '2026-01-02T03:04:05.000Z', text: '2 Jan 2026, 03:04 UTC' },
      nextAttempt: null,
      serverTrouble: null,
      settled: false,
    });
  });

  it.each([
    ['2026-01-03T03:05:00Z', 'The text was removed after a day.'],
    ['2026-02-01T03:30:00Z', 'The text was removed after 30 days.'],
  ])('says that a text was removed at %s, and does not offer to send the mail again', (time, textRemoved) => {
    const given = record({ state: 'FAILURE' });
    Object.assign(given.mail, { message: null, textRemovedAt: new Date(time) });
    expect(viewOf({ ...given, hasText: false })).toMatchObject({ message: '', textRemoved, actions: [] });
  });

  it.each<[key: MailState, task: Partial<Task> | null, verdicts: Verdict[], detail: string, tone: string]>([
    ['queued', {}, [null], 'Your mail is stored and waits for a worker.', 'waiting'],
    ['sending', { state: 'STARTED' }, [null], 'A worker is handing it over.', 'active'],
    ['retrying', { state: 'RETRY', error }, [null], '451 Greylisted', 'warning'],
    ['retrying', { state: 'RETRY' }, [null], '', 'warning'],
    ['sent', { state: 'SUCCESS' }, ['accepted'], 'It was handed over and accepted.', 'good'],
    [
      'sent',
      { state: 'SUCCESS' },
      ['accepted', 'accepted'],
      'It was handed over and accepted for all recipients.',
      'good',
    ],
    ['refused', { state: 'FAILURE', error }, ['refused'], 'The mail server refused it, for good.', 'bad'],
    [
      'refused',
      { state: 'SUCCESS' },
      ['accepted', 'refused', 'accepted'],
      'Accepted for 2 of 3 recipients; the mail server refused the others.',
      'bad',
    ],
    ['failed', { state: 'FAILURE', error }, [null], 'Failed: 451 Greylisted', 'bad'],
    ['failed', null, [null], 'Failed: Its task is gone.', 'bad'],
    [
      'failed',
      { state: 'FAILURE', error },
      ['accepted', null],
      'Accepted for 1 of 2 recipients. For the others: Failed: 451 Greylisted',
      'bad',
    ],
    [
      'uncertain',
      { state: 'SUCCESS' },
      ['uncertain'],
      'Nobody heard whether the mail server took it, so it may have been sent or not. It is not sent again by itself: ' +
        'ask whether it is there, then decide.',
      'warning',
    ],
    [
      'arrived',
      { state: 'FAILURE', error },
      ['arrived'],
      'Nobody knew whether it was sent, and somebody has said that it arrived.',
      'good',
    ],
    ['canceled', { state: 'REVOKED' }, [null], 'It was called off before it was sent.', 'off'],
    [
      'canceled',
      { state: 'REVOKED' },
      ['accepted', null],
      'Accepted for 1 of 2 recipients; called off for the others.',
      'off',
    ],
  ])('says of a mail that is %s (task %j, verdicts %j): %s', (key, task, verdicts, detail, tone) => {
    expect(viewOf(record(task, verdicts)).state).toMatchObject({ key, detail, tone });
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
    const { steps } = viewOf(record({ state }, [verdict]));
    expect(steps.map(({ label }) => label)).toEqual(['Accepted', 'Queued', 'Sending', 'Sent']);
    expect(steps.map(({ status }) => status)).toEqual(statuses);
  });

  it("shows each recipient with its own state and the server's words", () => {
    const { recipients } = viewOf(record({ state: 'RETRY' }, ['accepted', null]));
    expect(recipients).toMatchObject([
      { address: 'user0@example.com', state: { key: 'sent', label: 'Sent', detail: '250 accepted' } },
      { address: 'user1@example.com', state: { key: 'retrying', label: 'Will be tried again', detail: '' } },
    ]);
  });

  it('says when it is tried again, and that it goes on', () => {
    expect(viewOf(record({ state: 'RETRY', dueAt: at(59) }))).toMatchObject({
      nextAttempt: { iso: '2026-01-02T03:04:59.000Z', text: '2 Jan 2026, 03:04 UTC' },
      settled: false,
    });
  });

  it('is settled when nothing changes any more by itself', () => {
    expect(viewOf(record({ state: 'SUCCESS' }, ['accepted'])).settled).toBe(true);
  });
});

const waitingFor = (waiting: MailRecord['waiting'], task: Partial<Task> = {}): MailRecord => ({
  ...record(task),
  waiting,
});

describe('why a mail waits', () => {
  it.each<[waiting: MailRecord['waiting'], detail: string, tone: string]>([
    [null, 'Your mail is stored and waits for a worker.', 'waiting'],
    [{ reason: 'in_line', before: 0, more: false }, 'It is next in line.', 'waiting'],
    [{ reason: 'in_line', before: 1, more: false }, '1 mail is before it.', 'waiting'],
    [{ reason: 'in_line', before: 3, more: false }, '3 mails are before it.', 'waiting'],
    [{ reason: 'in_line', before: 500, more: true }, 'At least 500 mails are before it.', 'waiting'],
    [
      { reason: 'broker_away' },
      'RabbitMQ cannot be reached. Your mail is stored, and will be sent when it is back.',
      'warning',
    ],
    [
      { reason: 'no_queue' },
      'RabbitMQ has no queue for mails. Your mail is stored, and will be sent when there is one.',
      'warning',
    ],
    [
      { reason: 'no_worker' },
      'No worker that sends mail is running. Your mail is stored, and will be sent when one is.',
      'warning',
    ],
    [
      { reason: 'no_handler' },
      'No worker that is running can send mail. Your mail is stored, and will be sent when one can.',
      'warning',
    ],
    [
      { reason: 'lease', until: null },
      'The worker that had it has died. The next one that is free takes it over.',
      'warning',
    ],
    [
      { reason: 'rate_limited', dueAt: at(9) },
      'Only so many mails are sent in a time. It will be sent when its turn comes.',
      'waiting',
    ],
  ])('%j: %s', (waiting, detail, tone) => {
    expect(viewOf(waitingFor(waiting)).state).toMatchObject({ key: 'queued', detail, tone });
  });

  it('says when its turn is', () => {
    expect(viewOf(waitingFor({ reason: 'rate_limited', dueAt: at(9) })).waitsUntil).toMatchObject({
      label: 'Its turn',
      time: { iso: at(9).toISOString() },
    });
    expect(viewOf(waitingFor({ reason: 'no_worker' })).waitsUntil).toBeNull();
  });

  it.each([
    [at(9), 'The worker that has it gives no sign of life. If it has died, another one takes it over.'],
    [null, 'The worker that had it has died. The next one that is free takes it over.'],
  ])('says what becomes of one whose worker is silent, with a lease until %p', (until, detail) => {
    expect(viewOf(waitingFor({ reason: 'lease', until }, { state: 'STARTED' }))).toMatchObject({
      state: { key: 'sending', detail, tone: 'warning' },
      waitsUntil: until && { label: "The worker's lease runs out", time: { iso: until.toISOString() } },
    });
  });

  it('names what to mend when the mail server refuses us', () => {
    const trouble = { problem: '535 Wrong password', advice: 'Check it.', since: at(0), nextProbeAt: at(30) };
    const given = waitingFor({ reason: 'mail_server', ...trouble }, { state: 'RETRY', waitReason: 'snoozed' });
    expect(viewOf(given)).toMatchObject({
      state: { key: 'queued', detail: 'The mail server refuses us: 535 Wrong password', tone: 'warning' },
      serverTrouble: { advice: 'Check it.', nextProbe: { iso: at(30).toISOString() } },
    });
  });

  it('says what a retry still waits for when its time has come', () => {
    const given = waitingFor({ reason: 'no_worker' }, { state: 'RETRY', error, dueAt: at(0) });
    expect(viewOf(given)).toMatchObject({
      nextAttempt: null,
      state: {
        key: 'retrying',
        detail:
          'No worker that sends mail is running. Your mail is stored, and will be sent when one is. Before: 451 Greylisted',
      },
    });
  });
});

describe('what can be done', () => {
  it.each<[task: Partial<Task>, verdicts: Verdict[], actions: string[]]>([
    [{}, [null], ['cancel']],
    [{ state: 'STARTED' }, [null], []],
    [{ state: 'SUCCESS' }, ['accepted'], []],
    [{ state: 'FAILURE' }, ['uncertain'], ['resend', 'arrived']],
    [{ state: 'REVOKED' }, [null], ['resend']],
  ])('about a mail with task %j and verdicts %j: %j', (task, verdicts, actions) => {
    const view = viewOf(record(task, verdicts));
    expect(view.actions.map(({ key }) => key)).toEqual(actions);
    for (const { key, url, csrfToken, resends } of view.actions) {
      expect({ url, csrfToken, resends }).toEqual({ url: `/mails/${ID}/${key}`, csrfToken: 'token', resends: 0 });
    }
  });

  it('is asked for with the number of times that the mail has been sent again', () => {
    const given = record({ state: 'FAILURE' });
    given.mail.earlierTaskIds = ['task-a', 'task-b'];
    expect(viewOf(given).actions).toMatchObject([{ key: 'resend', resends: 2 }]);
  });
});

it.each([
  [at(5), true],
  [at(60), true],
  [at(65), false],
])('at %p a mail of 03:04:05 is fresh: %p', (now, isFresh) => {
  expect(viewOf(record(), now).isFresh).toBe(isFresh);
});

describe('mailListItem', () => {
  it.each<[verdicts: Verdict[], recipientsText: string]>([
    [[null], 'user0@example.com'],
    [[null, null], 'user0@example.com and 1 more'],
    [[null, null, null], 'user0@example.com and 2 more'],
    [[], ''],
  ])('of %j names the first recipient: "%s"', (verdicts, recipientsText) => {
    expect(mailListItem(record({}, verdicts))).toMatchObject({
      url: `/mails/${ID}`,
      subject: 'Hello',
      accepted: { text: '2 Jan 2026, 03:04 UTC' },
      recipientsText,
    });
  });

  it('has the same state as the page of the mail', () => {
    const given = record({ state: 'FAILURE', error }, ['accepted', null]);
    expect(mailListItem(given).state.key).toBe(viewOf(given).state.key);
  });
});
