import { describe, expect, it } from '@jest/globals';
import { PermanentTaskError } from '@celeriac/tasks';
import { MailNotSentError } from '../transports/mail-not-sent.error.js';
import type { RejectedRecipient } from '../transports/mail-transport.js';
import { judgeError, judgeReport } from './judge.js';

const ADA = 'ada@example.com';
const BOB = 'bob@example.com';
const refused = (address: string): RejectedRecipient => ({ address, reply: '550 No such user', permanent: true });
const putOff = (address: string): RejectedRecipient => ({ address, reply: '450 Mailbox busy', permanent: false });

describe('judgeReport', () => {
  it.each([
    {
      what: 'accepted for all',
      report: { accepted: [ADA, BOB], rejected: [] },
      verdicts: [
        [ADA, 'accepted', '250 Ok'],
        [BOB, 'accepted', '250 Ok'],
      ],
      error: null,
    },
    {
      what: 'refused for one: done with, nothing to try again',
      report: { accepted: [ADA], rejected: [refused(BOB)] },
      verdicts: [
        [ADA, 'accepted', '250 Ok'],
        [BOB, 'refused', '550 No such user'],
      ],
      error: null,
    },
    {
      what: 'put off for one: that one stays open and is tried again',
      report: { accepted: [ADA], rejected: [putOff(BOB)] },
      verdicts: [[ADA, 'accepted', '250 Ok']],
      error: `${BOB}: 450 Mailbox busy`,
    },
    {
      what: 'all three',
      report: { accepted: [ADA], rejected: [putOff(BOB), refused('c@example.com'), putOff('d@example.com')] },
      verdicts: [
        [ADA, 'accepted', '250 Ok'],
        ['c@example.com', 'refused', '550 No such user'],
      ],
      error: `${BOB}: 450 Mailbox busy; d@example.com: 450 Mailbox busy`,
    },
  ])('$what', ({ report, verdicts, error }) => {
    const judgement = judgeReport({ ...report, reply: '250 Ok' });
    expect(judgement.verdicts.map(({ address, verdict, reply }) => [address, verdict, reply])).toEqual(verdicts);
    expect(judgement.error?.message ?? null).toBe(error);
    expect(judgement.error).not.toBeInstanceOf(PermanentTaskError);
  });
});

describe('judgeError', () => {
  const to = [ADA, BOB];

  it('refused as a whole: refused for all, and never tried again', () => {
    const error = new MailNotSentError('refused', '554 Spam', []);
    const judgement = judgeError(error, to, 'hold');
    expect(judgement.verdicts).toEqual(to.map((address) => ({ address, verdict: 'refused', reply: '554 Spam' })));
    expect(judgement.error).toBeInstanceOf(PermanentTaskError);
    expect(judgement.error).toMatchObject({ message: '554 Spam', cause: error });
  });

  it("refused for each recipient: each with the server's words to it", () => {
    const words = { ...refused(BOB), reply: '551 Moved' };
    const { verdicts, error } = judgeError(new MailNotSentError('refused', '550', [refused(ADA), words]), to, 'hold');
    expect(verdicts).toEqual([
      { address: ADA, verdict: 'refused', reply: '550 No such user' },
      { address: BOB, verdict: 'refused', reply: '551 Moved' },
    ]);
    expect(error).toBeInstanceOf(PermanentTaskError);
  });

  it('put off for one and refused for the other: the one is tried again, the other is decided', () => {
    const error = new MailNotSentError('temporary', '450 Mailbox busy', [putOff(ADA), refused(BOB)]);
    expect(judgeError(error, to, 'hold')).toEqual({
      verdicts: [{ address: BOB, verdict: 'refused', reply: '550 No such user' }],
      error,
    });
  });

  it.each(['hold', 'resend'] as const)('a server that is away decides nothing: tried again (%s)', (onUncertain) => {
    const error = new MailNotSentError('temporary', 'connect ECONNREFUSED', []);
    expect(judgeError(error, to, onUncertain)).toEqual({ verdicts: [], error });
  });

  it('uncertain with hold: uncertain for all, and done with', () => {
    expect(judgeError(new MailNotSentError('uncertain', 'Connection lost', []), to, 'hold')).toEqual({
      verdicts: to.map((address) => ({ address, verdict: 'uncertain', reply: 'Connection lost' })),
      error: null,
    });
  });

  it('uncertain with resend: tried again', () => {
    const error = new MailNotSentError('uncertain', 'Connection lost', []);
    expect(judgeError(error, to, 'resend')).toEqual({ verdicts: [], error });
  });
});
