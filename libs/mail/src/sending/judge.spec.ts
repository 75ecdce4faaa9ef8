import { describe, expect, it } from '@jest/globals';
import { PermanentTaskError, RetryTaskError } from '@celeriac/tasks';
import { MailNotSentError } from '../transports/mail-not-sent.error.js';
import type { RejectedRecipient } from '../transports/mail-transport.js';
import { judgeError, judgeReport, type OnUncertain } from './judge.js';

const ADA = 'ada@example.com';
const BOB = 'bob@example.com';
const refused = (address: string, reply = '550 No such user'): RejectedRecipient => ({
  address,
  reply,
  permanent: true,
});
const putOff = (address: string, reply = '450 Mailbox busy'): RejectedRecipient => ({
  address,
  reply,
  permanent: false,
});

describe('judgeReport', () => {
  it.each([
    {
      what: 'accepted for all',
      report: { accepted: [ADA, BOB], rejected: [] },
      answers: [
        [ADA, 'accepted', '250 Ok'],
        [BOB, 'accepted', '250 Ok'],
      ],
      error: null,
    },
    {
      what: 'refused for one: done with, nothing to try again',
      report: { accepted: [ADA], rejected: [refused(BOB)] },
      answers: [
        [ADA, 'accepted', '250 Ok'],
        [BOB, 'refused', '550 No such user'],
      ],
      error: { name: 'MailRefusedError', message: `${BOB}: 550 No such user` },
    },
    {
      what: 'put off for one: that one stays open and is tried again',
      report: { accepted: [ADA], rejected: [putOff(BOB)] },
      answers: [
        [ADA, 'accepted', '250 Ok'],
        [BOB, null, '450 Mailbox busy'],
      ],
      error: { name: 'RetryTaskError', message: `${BOB}: 450 Mailbox busy`, minCountdownSeconds: 0 },
    },
    {
      what: 'all three: the words are those that will be tried again',
      report: {
        accepted: [ADA],
        rejected: [putOff(BOB), refused('c@example.com'), putOff('d@example.com', '451 Busy')],
      },
      answers: [
        [ADA, 'accepted', '250 Ok'],
        [BOB, null, '450 Mailbox busy'],
        ['c@example.com', 'refused', '550 No such user'],
        ['d@example.com', null, '451 Busy'],
      ],
      error: { name: 'RetryTaskError', message: `${BOB}: 450 Mailbox busy; d@example.com: 451 Busy` },
    },
  ])('$what', ({ report, answers, error }) => {
    const judgement = judgeReport({ ...report, reply: '250 Ok' });
    expect(judgement.answers.map(({ address, verdict, reply }) => [address, verdict, reply])).toEqual(answers);
    if (error === null) expect(judgement.error).toBeNull();
    else expect(judgement.error).toMatchObject(error);
  });

  it.each([
    ['450 4.2.0 Greylisted, see http://example.com', 300],
    ['451 4.7.1 Please try again later', 300],
    ['451 Gray-listing in action', 300],
    ['450 4.2.1 Mailbox busy', 0],
    ['421 4.7.0 Too many connections', 0],
  ])('a server that says "%s" is asked again after %d s at the earliest', (reply, minCountdownSeconds) => {
    const { error } = judgeReport({ accepted: [], rejected: [putOff(ADA), putOff(BOB, reply)], reply: '' });
    expect(error).toMatchObject({ minCountdownSeconds });
  });
});

it('names only some of many recipients', () => {
  const rejected = Array.from({ length: 50 }, (_, n) => refused(`user${n}@example.com`, `550 No user${n}`));
  const { error } = judgeReport({ accepted: [], rejected, reply: '' });
  expect(error?.message).toMatch(/^user0@example\.com: 550 No user0; .*user4; and 45 more$/);
});

describe('judgeError', () => {
  const to = [ADA, BOB];

  it('refused as a whole: refused for all, and never tried again', () => {
    const judgement = judgeError(new MailNotSentError('refused', '554 Spam', []), to, 'hold');
    expect(judgement.answers).toEqual(to.map((address) => ({ address, verdict: 'refused', reply: '554 Spam' })));
    expect(judgement.error).toBeInstanceOf(PermanentTaskError);
    expect(judgement.error).toMatchObject({ name: 'MailRefusedError', message: '554 Spam' });
  });

  it("refused for each recipient: each with the server's words to it", () => {
    const rejected = [refused(ADA), refused(BOB, '551 Moved')];
    const { answers, error } = judgeError(new MailNotSentError('refused', '550', rejected), to, 'hold');
    expect(answers).toEqual([
      { address: ADA, verdict: 'refused', reply: '550 No such user' },
      { address: BOB, verdict: 'refused', reply: '551 Moved' },
    ]);
    expect(error).toMatchObject({
      name: 'MailRefusedError',
      message: `${ADA}: 550 No such user; ${BOB}: 551 Moved`,
    });
  });

  it('put off for one and refused for the other: the one is tried again, the other is decided', () => {
    const error = new MailNotSentError('temporary', '450 Mailbox busy', [putOff(ADA), refused(BOB)]);
    const judgement = judgeError(error, to, 'hold');
    expect(judgement.answers).toEqual([
      { address: ADA, verdict: null, reply: '450 Mailbox busy' },
      { address: BOB, verdict: 'refused', reply: '550 No such user' },
    ]);
    expect(judgement.error).toBeInstanceOf(RetryTaskError);
    expect(judgement.error?.message).toBe(`${ADA}: 450 Mailbox busy`);
  });

  it.each(['hold', 'resend'] as const)('a server that is away decides nothing: tried again (%s)', (onUncertain) => {
    const { answers, error } = judgeError(
      new MailNotSentError('temporary', 'connect ECONNREFUSED', []),
      to,
      onUncertain,
    );
    expect(answers).toEqual(to.map((address) => ({ address, verdict: null, reply: 'connect ECONNREFUSED' })));
    expect(error).toMatchObject({ name: 'RetryTaskError', message: 'connect ECONNREFUSED', minCountdownSeconds: 0 });
  });

  it('uncertain with hold: uncertain for all, and never tried again', () => {
    const { answers, error } = judgeError(new MailNotSentError('uncertain', 'Connection lost', []), to, 'hold');
    expect(answers).toEqual(to.map((address) => ({ address, verdict: 'uncertain', reply: 'Connection lost' })));
    expect(error).toBeInstanceOf(PermanentTaskError);
    expect(error).toMatchObject({ name: 'MailUncertainError', message: 'Connection lost' });
  });

  it('uncertain with resend: tried again', () => {
    const thrown = new MailNotSentError('uncertain', 'Connection lost', []);
    const { answers, error } = judgeError(thrown, to, 'resend');
    expect(answers.map(({ verdict }) => verdict)).toEqual([null, null]);
    expect(error).toBeInstanceOf(RetryTaskError);
    expect(error).toMatchObject({ name: 'MailMaybeSentError', message: 'Connection lost' });
  });

  describe('when the server had answered for one before', () => {
    it.each<[what: string, error: MailNotSentError, onUncertain: OnUncertain, verdicts: unknown[], name: string]>([
      [
        'refused him, then the mail',
        new MailNotSentError('refused', '554 Spam', [refused(BOB)]),
        'hold',
        ['refused', 'refused'],
        'MailRefusedError',
      ],
      [
        'put him off, then refused the mail',
        new MailNotSentError('refused', '554 Spam', [putOff(BOB)]),
        'hold',
        [null, 'refused'],
        'RetryTaskError',
      ],
      [
        'refused him, then was lost',
        new MailNotSentError('uncertain', 'lost', [refused('Bob@example.com')]),
        'hold',
        ['refused', 'uncertain'],
        'MailUncertainError',
      ],
      [
        'put him off, then was lost',
        new MailNotSentError('uncertain', 'lost', [putOff(BOB)]),
        'hold',
        [null, 'uncertain'],
        'RetryTaskError',
      ],
      [
        'refused him, then was lost, and the mail may be sent again',
        new MailNotSentError('uncertain', 'lost', [refused(BOB)]),
        'resend',
        ['refused', null],
        'MailMaybeSentError',
      ],
    ])('it %s', (_what, error, onUncertain, verdicts, name) => {
      const judgement = judgeError(error, to, onUncertain);
      expect(judgement.answers.map(({ verdict }) => verdict)).toEqual(verdicts);
      expect(judgement.answers.map(({ reply }) => reply)).toEqual([error.rejected[0]?.reply, error.message]);
      expect(judgement.error?.name).toBe(name);
    });
  });
});
