import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { ComposedMail } from '../compose/compose-mail.js';
import { mailForm } from '../contract/mail-form.js';
import { MailNotSentError } from './mail-not-sent.error.js';
import { SmtpTransport, type SmtpOptions } from './smtp.transport.js';

const ADA = 'ada@example.com';
const BOB = 'bob@example.com';

const cleanUps: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function composed(change: Partial<ComposedMail> = {}): ComposedMail {
  return {
    from: 'support@example.com',
    to: [ADA, BOB],
    subject: 'Grüße',
    text: '\tHi\n.\n..\n\nThank you!',
    html: '<p>Hi</p>',
    messageId: '<mail-1@example.com>',
    date: new Date('2026-01-02T03:04:05Z'),
    ...change,
  };
}

const pass = async (): Promise<void> => undefined;

/** A refusal as smtp-server sends it. */
function reply(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}

interface Received {
  recipients: string[];
  source: string;
}

/** A mail server on the loopback that takes everything, unless its options say otherwise. */
async function startServer(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    // The name of whoever connects is of no interest.
    disableReverseLookup: true,
    onData: (stream, session, done) => {
      void text(stream).then((source) => {
        received.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), source });
        done();
      });
    },
    ...options,
  });
  // A client that goes away in the middle is no fault of the server.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  cleanUps.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
      }),
  );
  return { received, server, port: (server.server.address() as AddressInfo).port };
}

function transportTo(port: number, change: Partial<SmtpOptions> = {}): SmtpTransport {
  const options: SmtpOptions = {
    host: '127.0.0.1',
    port,
    user: '',
    password: '',
    tls: 'none',
    timeoutMs: 2000,
    maxConnections: 1,
    ...change,
  };
  const transport = new SmtpTransport(options);
  cleanUps.push(() => transport.close());
  return transport;
}

async function failureOf(sending: Promise<unknown>): Promise<MailNotSentError> {
  const error = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MailNotSentError);
  return error as MailNotSentError;
}

describe('a server that accepts', () => {
  it('gets the whole mail for all recipients, and its words are reported', async () => {
    const { received, port } = await startServer({
      onData: (stream, session, done) => {
        void text(stream).then((source) => {
          received.push({ recipients: session.envelope.rcptTo.map(({ address }) => address), source });
          (done as (error: null, words: string) => void)(null, 'queued as 12345');
        });
      },
    });
    await expect(transportTo(port).send(composed(), pass)).resolves.toEqual({
      accepted: [ADA, BOB],
      rejected: [],
      reply: '250 queued as 12345',
    });
    expect(received).toMatchObject([{ recipients: [ADA, BOB] }]);
    const mail = await PostalMime.parse(received[0]?.source ?? '');
    expect(mail).toMatchObject({
      from: { address: 'support@example.com' },
      to: [{ address: ADA }, { address: BOB }],
      subject: 'Grüße',
      messageId: '<mail-1@example.com>',
      date: '2026-01-02T03:04:05.000Z',
    });
    expect(mail.text?.trimEnd()).toBe(composed().text);
    expect(mail.html?.trimEnd()).toBe(composed().html);
  });

  it('is told the same Message-ID when the mail is sent again', async () => {
    const { received, port } = await startServer();
    const transport = transportTo(port);
    await transport.send(composed(), pass);
    await transport.send(composed({ to: [BOB] }), pass);
    const mails = await Promise.all(received.map(({ source }) => PostalMime.parse(source)));
    expect(mails.map(({ messageId }) => messageId)).toEqual(['<mail-1@example.com>', '<mail-1@example.com>']);
  });

  it.each(['Ada@EXAMPLE.com', "o'brien+news@example.com"])(
    'is reported with the address as the form has it, by which its verdict is stored: %s',
    async (typed) => {
      const { email: to } = mailForm.parse({ email: typed, msg: 'Hi' });
      const { port } = await startServer();
      const { accepted } = await transportTo(port).send(composed({ to }), pass);
      expect(accepted).toEqual(to);
    },
  );

  it('keeps the connection for the next mail', async () => {
    let connections = 0;
    const { received, port } = await startServer({
      onConnect: (_session, done) => {
        connections += 1;
        done();
      },
    });
    const transport = transportTo(port);
    for (let count = 0; count < 3; count += 1) await transport.send(composed(), pass);
    expect(received).toHaveLength(3);
    expect(connections).toBe(1);
  });

  it('logs in when there is a user', async () => {
    const logins: unknown[] = [];
    const { received, port } = await startServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        logins.push([username, password]);
        done(null, { user: username });
      },
    });
    await transportTo(port, { user: 'ada', password: 'secret' }).send(composed(), pass);
    expect(logins).toEqual([['ada', 'secret']]);
    expect(received).toHaveLength(1);
  });
});

describe('a server that refuses recipients', () => {
  const answering = (replies: Record<string, Error>): SMTPServerOptions => ({
    onRcptTo: ({ address }, _session, done) => done(replies[address]),
  });

  it('one of two, for good: sent to the other', async () => {
    const { received, port } = await startServer(answering({ [BOB]: reply(550, '5.1.1 No such user') }));
    await expect(transportTo(port).send(composed(), pass)).resolves.toEqual({
      accepted: [ADA],
      rejected: [{ address: BOB, reply: '550 5.1.1 No such user', permanent: true }],
      reply: expect.stringMatching(/^250 /),
    });
    expect(received.map(({ recipients }) => recipients)).toEqual([[ADA]]);
  });

  it('one of two, for now: sent to the other', async () => {
    const { port } = await startServer(answering({ [BOB]: reply(450, 'Mailbox busy') }));
    await expect(transportTo(port).send(composed(), pass)).resolves.toMatchObject({
      accepted: [ADA],
      rejected: [{ address: BOB, reply: '450 Mailbox busy', permanent: false }],
    });
  });

  it.each([
    { why: reply(554, 'Spam'), reason: 'refused', words: '554 Spam' },
    { why: reply(451, 'Later'), reason: 'temporary', words: '451 Later' },
  ])('one of two for now, and then the mail with $words: both are reported', async (given) => {
    const { port } = await startServer({
      ...answering({ [BOB]: reply(450, 'Mailbox busy') }),
      onData: (stream, _session, done) => void text(stream).then(() => done(given.why)),
    });
    const error = await failureOf(transportTo(port).send(composed(), pass));
    expect(error.reason).toBe(given.reason);
    expect(error.message).toBe(given.words);
    expect(error.rejected).toEqual([{ address: BOB, reply: '450 Mailbox busy', permanent: false }]);
  });

  it.each([
    { ada: reply(550, 'No'), bob: reply(551, 'Moved'), reason: 'refused', permanent: [true, true] },
    { ada: reply(450, 'Later'), bob: reply(451, 'Busy'), reason: 'temporary', permanent: [false, false] },
    { ada: reply(450, 'Later'), bob: reply(550, 'No'), reason: 'temporary', permanent: [false, true] },
    { ada: reply(550, 'No'), bob: reply(450, 'Later'), reason: 'temporary', permanent: [true, false] },
  ])(
    'all ($ada.responseCode, $bob.responseCode): $reason, with a word on each',
    async ({ ada, bob, reason, permanent }) => {
      const { received, port } = await startServer(answering({ [ADA]: ada, [BOB]: bob }));
      const error = await failureOf(transportTo(port).send(composed(), pass));
      expect(error.reason).toBe(reason);
      expect(error.rejected.map(({ address }) => address)).toEqual([ADA, BOB]);
      expect(error.rejected.map((recipient) => recipient.permanent)).toEqual(permanent);
      expect(received).toEqual([]);
    },
  );
});

describe('a server that answers the mail with an error', () => {
  it.each([
    { code: 554, words: 'Spam', reason: 'refused' },
    { code: 552, words: 'Too big', reason: 'refused' },
    { code: 451, words: 'Greylisted', reason: 'temporary' },
    { code: 421, words: 'Shutting down', reason: 'temporary' },
  ])('$code after the body: $reason', async ({ code, words, reason }) => {
    const { port } = await startServer({
      onData: (stream, _session, done) => void text(stream).then(() => done(reply(code, words))),
    });
    const error = await failureOf(transportTo(port).send(composed(), pass));
    expect(error).toMatchObject({ reason, message: `${code} ${words}`, rejected: [] });
  });

  it.each([
    { code: 550, reason: 'set_up' },
    { code: 450, reason: 'temporary' },
  ])('$code to the sender: $reason', async ({ code, reason }) => {
    const { port } = await startServer({ onMailFrom: (_address, _session, done) => done(reply(code, 'Not you')) });
    const error = await failureOf(transportTo(port).send(composed(), pass));
    expect(error).toMatchObject({ reason, message: `${code} Not you` });
  });

  it('still takes the next mail', async () => {
    const replies = [reply(554, 'Spam')];
    const { port } = await startServer({
      onData: (stream, _session, done) => void text(stream).then(() => done(replies.shift())),
    });
    const transport = transportTo(port);
    await failureOf(transport.send(composed(), pass));
    await expect(transport.send(composed(), pass)).resolves.toMatchObject({ accepted: [ADA, BOB] });
  });
});

describe('a server that cannot be used', () => {
  it('that is not there: temporary', async () => {
    const { port, server } = await startServer();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    const error = await failureOf(transportTo(port).send(composed(), pass));
    expect(error).toMatchObject({ reason: 'temporary', message: expect.stringContaining('ECONNREFUSED') });
  });

  it('that does not know the user: that is our set-up and not the mail', async () => {
    const { port } = await startServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(reply(535, 'Who are you')),
    });
    const error = await failureOf(transportTo(port, { user: 'ada', password: 'wrong' }).send(composed(), pass));
    expect(error).toMatchObject({
      reason: 'set_up',
      message: '535 Who are you',
      advice: expect.stringContaining('EMAIL_HOST_PASSWORD'),
    });
    expect(error.message).not.toContain('wrong');
  });

  it.each([
    { what: 'does not offer STARTTLS', options: { disabledCommands: ['STARTTLS'] }, advice: /EMAIL_USE_TLS/ },
    { what: 'hides STARTTLS', options: { disabledCommands: [], hideSTARTTLS: true }, advice: /certificate/ },
    { what: 'has a certificate that nobody trusts', options: { disabledCommands: [] }, advice: /certificate/ },
  ])('that $what, where TLS is wanted: nothing is sent in the clear', async ({ options, advice }) => {
    // smtp-server warns of the certificate that it brings along.
    const warning = jest.spyOn(console, 'error').mockReturnValue();
    cleanUps.push(() => warning.mockRestore());
    const senders: unknown[] = [];
    const { received, port } = await startServer({
      ...options,
      onMailFrom: (address, _session, done) => {
        senders.push(address);
        done();
      },
    });
    const error = await failureOf(transportTo(port, { tls: 'starttls' }).send(composed(), pass));
    expect(error).toMatchObject({ reason: 'set_up', advice: expect.stringMatching(advice) });
    expect({ senders, received }).toEqual({ senders: [], received: [] });
  });
});
