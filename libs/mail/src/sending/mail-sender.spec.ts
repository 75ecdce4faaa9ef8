import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ClaimLostError, SnoozeTaskError } from '@celeriac/tasks';
import { MailComposer } from '../compose/compose-mail.js';
import type { SendEmail } from '../contract/send-email.js';
import type { MailBook } from '../store/mail-book.js';
import { MailNotSentError } from '../transports/mail-not-sent.error.js';
import type { MailTransport } from '../transports/mail-transport.js';
import { MemoryTransport } from '../transports/memory.transport.js';
import type { OnUncertain } from './judge.js';
import type { MailServerGate } from './mail-server-gate.js';
import { MailSender, type SendingRun } from './mail-sender.js';

const composer = new MailComposer(join(import.meta.dirname, '../../../../views/emails'), 'support@example.com');
const ADA = 'ada@example.com';
const BOB = 'bob@example.com';

const input: SendEmail = {
  mailId: '0198c0de-0000-7000-8000-000000000001',
  to: [ADA, BOB],
  subject: 'Hello',
  message: 'Hi',
  acceptedAt: '2026-01-02T03:04:05.678Z',
};

function sendingRun(change: Partial<SendingRun> = {}): SendingRun {
  return {
    attempt: 1,
    interruptedAfterPointOfNoReturn: false,
    passPointOfNoReturn: async () => undefined,
    ...change,
  };
}

/** Lets everything through. */
const openGate: Pick<MailServerGate, 'pass'> = { pass: (send) => send(() => undefined) };

interface Parts {
  /** Whom nobody has decided on, as the book has it. */
  open?: string[];
  onUncertain?: OnUncertain;
  transport?: MailTransport;
}

function setUp({ open = [], onUncertain = 'hold', transport = new MemoryTransport() }: Parts = {}) {
  const asked: string[] = [];
  const book: Pick<MailBook, 'openRecipients'> = {
    openRecipients: async (mailId) => {
      asked.push(mailId);
      return open;
    },
  };
  return { asked, sender: new MailSender(book, composer, transport, openGate, onUncertain) };
}

function failing(error: Error): MailTransport {
  return { send: async () => Promise.reject(error), close: async () => undefined };
}

function storeAway(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
}

describe('MailSender', () => {
  it('sends the first time to all, without a look into the book', async () => {
    const transport = new MemoryTransport();
    const { sender, asked } = setUp({ transport });
    const judgement = await sender.send(input, sendingRun());
    expect(judgement).toEqual({
      answers: [ADA, BOB].map((address) => ({ address, verdict: 'accepted', reply: 'Kept in memory.' })),
      error: null,
    });
    expect(transport.sent).toEqual([composer.compose({ ...input, date: new Date(input.acceptedAt) })]);
    expect(asked).toEqual([]);
  });

  it('sends later only to those on whom nobody has decided', async () => {
    const transport = new MemoryTransport();
    const { sender, asked } = setUp({ transport, open: [BOB] });
    const { answers } = await sender.send(input, sendingRun({ attempt: 2 }));
    expect(asked).toEqual([input.mailId]);
    expect(transport.sent.map(({ to }) => to)).toEqual([[BOB]]);
    expect(answers.map(({ address }) => address)).toEqual([BOB]);
  });

  it('sends nothing when all is decided', async () => {
    const transport = new MemoryTransport();
    const { sender } = setUp({ transport, open: [] });
    await expect(sender.send(input, sendingRun({ attempt: 2 }))).resolves.toEqual({ answers: [], error: null });
    expect(transport.sent).toEqual([]);
  });

  it('passes the point of no return before the mail is out', async () => {
    const transport = new MemoryTransport();
    const sentBefore: number[] = [];
    const passPointOfNoReturn = async (): Promise<void> => void sentBefore.push(transport.sent.length);
    await setUp({ transport }).sender.send(input, sendingRun({ passPointOfNoReturn }));
    expect(sentBefore).toEqual([0]);
  });

  it('throws what says that another worker has the mail, and sends nothing', async () => {
    const transport = new MemoryTransport();
    const lost = new ClaimLostError('task-1', 1);
    const run = sendingRun({ passPointOfNoReturn: async () => Promise.reject(lost) });
    await expect(setUp({ transport }).sender.send(input, run)).rejects.toBe(lost);
    expect(transport.sent).toEqual([]);
  });

  describe('after a run that died past the point of no return', () => {
    const run = sendingRun({ attempt: 2, interruptedAfterPointOfNoReturn: true });

    it('with hold is uncertain for those still open, and sends nothing', async () => {
      const transport = new MemoryTransport();
      const { answers, error } = await setUp({ transport, open: [BOB] }).sender.send(input, run);
      expect(answers).toEqual([{ address: BOB, verdict: 'uncertain', reply: expect.stringContaining('stopped') }]);
      expect(error).toMatchObject({ name: 'MailUncertainError' });
      expect(transport.sent).toEqual([]);
    });

    it('with resend sends again, with the same Message-ID', async () => {
      const transport = new MemoryTransport();
      const { sender } = setUp({ transport, open: [BOB], onUncertain: 'resend' });
      await sender.send(input, run);
      expect(transport.sent).toMatchObject([{ to: [BOB], messageId: `<${input.mailId}@example.com>` }]);
    });
  });

  it.each<[string, MailNotSentError, OnUncertain, object]>([
    [
      'put off',
      new MailNotSentError('temporary', '450 Later', []),
      'hold',
      { answers: [{ verdict: null }, { verdict: null }], error: { message: '450 Later' } },
    ],
    [
      'refused',
      new MailNotSentError('refused', '554 Spam', []),
      'hold',
      { answers: [{ verdict: 'refused' }, { verdict: 'refused' }], error: { name: 'MailRefusedError' } },
    ],
    [
      'of unknown fate',
      new MailNotSentError('uncertain', 'lost', []),
      'hold',
      { answers: [{ verdict: 'uncertain' }, { verdict: 'uncertain' }], error: { name: 'MailUncertainError' } },
    ],
    [
      'of unknown fate',
      new MailNotSentError('uncertain', 'lost', []),
      'resend',
      { answers: [{ verdict: null }, { verdict: null }], error: { message: 'lost' } },
    ],
  ])('judges a mail that is %s: %p with %s', async (_what, error, onUncertain, expected) => {
    const { sender } = setUp({ transport: failing(error), onUncertain });
    await expect(sender.send(input, sendingRun())).resolves.toMatchObject(expected);
  });

  it.each([
    ['while it looks for recipients', 2, new MemoryTransport()],
    ['right before the body', 1, new MemoryTransport()],
  ])('is put off when the database is away %s: that is no failure of the mail', async (_when, attempt, transport) => {
    const away = async (): Promise<never> => Promise.reject(storeAway());
    const sender = new MailSender({ openRecipients: away }, composer, transport, openGate, 'hold');
    const sending = sender.send(input, sendingRun({ attempt, passPointOfNoReturn: away }));
    await expect(sending).rejects.toBeInstanceOf(SnoozeTaskError);
    expect(transport.sent).toEqual([]);
  });

  it('throws what is no word of a mail server as it was', async () => {
    const fault = new TypeError('x is not a function');
    await expect(setUp({ transport: failing(fault) }).sender.send(input, sendingRun())).rejects.toBe(fault);
  });
});
