import { describe, expect, it } from '@jest/globals';
import type { TaskState } from '@celeriac/tasks';
import type { Verdict } from '../store/entities/mail-recipient.entity.js';
import type { MailFacts } from './mail-record.js';
import { mailStatus, type MailState } from './mail-status.js';

const DUE_AT = new Date('2026-01-02T03:04:05Z');

type StatusRecord = Parameters<typeof mailStatus>[0];

function record(
  state: TaskState | null,
  verdicts: Array<Verdict | null>,
  attempts: MailFacts['attempts'] = [],
): StatusRecord {
  return {
    hasText: true,
    attempts,
    task: state && {
      id: 'task-1',
      state,
      waitReason: null,
      dueAt: DUE_AT,
      retries: 0,
      attempt: 1,
      error: null,
      startedAt: null,
      finishedAt: null,
    },
    recipients: verdicts.map((verdict, position) => ({
      mailId: 'mail-1',
      position,
      address: `user${position}@example.com`,
      verdict,
      reply: verdict && `250 ${verdict}`,
      answeredAt: null,
    })),
  };
}

describe('mailStatus', () => {
  it.each([
    ['after the body had begun', new Date(), 'uncertain'],
    ['before', null, 'failed'],
  ])('is judged by its last attempt when its last worker died %s', (_when, pointOfNoReturnAt, state) => {
    const lost = { taskId: 'task-1', outcome: 'WORKER_LOST', pointOfNoReturnAt } as MailFacts['attempts'][number];
    expect(mailStatus(record('FAILURE', [null], [lost])).state).toBe(state);
  });

  it.each<[TaskState | null, Array<Verdict | null>, MailState, MailState[], settled: boolean]>([
    ['PENDING', [null], 'queued', ['queued'], false],
    ['STARTED', [null], 'sending', ['sending'], false],
    ['RETRY', [null], 'retrying', ['retrying'], false],
    ['FAILURE', [null], 'failed', ['failed'], true],
    ['REVOKED', [null], 'canceled', ['canceled'], true],
    ['REVOKED', ['accepted', null], 'canceled', ['sent', 'canceled'], true],
    ['FAILURE', ['arrived'], 'arrived', ['arrived'], true],
    ['FAILURE', ['arrived', 'accepted'], 'arrived', ['arrived', 'sent'], true],
    [null, [null], 'failed', ['failed'], true],
    // "Sent" is what a server has accepted: a task that ended well without a word on somebody has not sent to them.
    ['SUCCESS', [null], 'failed', ['failed'], true],
    ['SUCCESS', ['accepted'], 'sent', ['sent'], true],
    ['SUCCESS', ['uncertain'], 'uncertain', ['uncertain'], true],
    ['FAILURE', ['refused'], 'refused', ['refused'], true],
    // A verdict holds, whatever the task does.
    ['STARTED', ['accepted'], 'sent', ['sent'], true],
    [null, ['accepted'], 'sent', ['sent'], true],
    // Of several recipients, what is still going on counts first, then what is worst.
    ['SUCCESS', ['accepted', 'accepted'], 'sent', ['sent', 'sent'], true],
    ['SUCCESS', ['accepted', 'refused'], 'refused', ['sent', 'refused'], true],
    ['RETRY', ['accepted', null], 'retrying', ['sent', 'retrying'], false],
    ['RETRY', ['refused', null, 'uncertain'], 'retrying', ['refused', 'retrying', 'uncertain'], false],
    ['STARTED', ['accepted', null], 'sending', ['sent', 'sending'], false],
    ['PENDING', ['accepted', null], 'queued', ['sent', 'queued'], false],
    ['FAILURE', ['accepted', null], 'failed', ['sent', 'failed'], true],
    ['FAILURE', ['refused', null], 'failed', ['refused', 'failed'], true],
    ['FAILURE', ['uncertain', null], 'uncertain', ['uncertain', 'failed'], true],
    ['SUCCESS', ['accepted', 'uncertain', 'refused'], 'uncertain', ['sent', 'uncertain', 'refused'], true],
  ])('of a task %p with verdicts %p is %s', (task, verdicts, state, states, settled) => {
    const status = mailStatus(record(task, verdicts));
    expect(status).toMatchObject({ state, settled });
    expect(status.recipients.map((recipient) => recipient.state)).toEqual(states);
  });

  it("keeps the recipients' order and the server's words", () => {
    expect(mailStatus(record('RETRY', ['accepted', null])).recipients).toEqual([
      { address: 'user0@example.com', state: 'sent', reply: '250 accepted' },
      { address: 'user1@example.com', state: 'retrying', reply: null },
    ]);
  });

  it('cannot be sent again when its text is gone', () => {
    expect(mailStatus(record('FAILURE', [null])).actions).toEqual(['resend']);
    expect(mailStatus({ ...record('FAILURE', [null]), hasText: false }).actions).toEqual([]);
  });

  it('has a next attempt only while it will be tried again', () => {
    expect(mailStatus(record('RETRY', [null])).nextAttemptAt).toEqual(DUE_AT);
    expect(mailStatus(record('PENDING', [null])).nextAttemptAt).toBeNull();
    expect(mailStatus(record('RETRY', ['accepted'])).nextAttemptAt).toBeNull();
  });
});
