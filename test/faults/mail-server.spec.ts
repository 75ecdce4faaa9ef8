import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MailApp } from '../fixtures/mail-app.js';
import { ScriptedMailServer, type SmtpAnswer, type SmtpStep } from '../fixtures/scripted-mail-server.js';

const TIMEOUT_SECONDS = 1;
/** Tried again at once, so that no test waits for a backoff. */
const AT_ONCE = JSON.stringify({ 'mail.send_email': { retryBackoff: 0, maxRetries: 3 } });

describe('a mail server that', () => {
  let app: MailApp;
  let server: ScriptedMailServer;

  beforeAll(async () => {
    app = await MailApp.start();
    server = await ScriptedMailServer.start();
    await app.startWeb();
    await app.startWorker({
      EMAIL_PORT: String(server.port),
      EMAIL_TIMEOUT: String(TIMEOUT_SECONDS),
      TASK_ANNOTATIONS: AT_ONCE,
    });
  });

  afterAll(async () => {
    await app.stop();
    await server.stop();
  });

  beforeEach(() => {
    server.received.length = 0;
    server.hangUp();
  });

  afterEach(() => {
    server.script = () => undefined;
    server.delayMs = 0;
  });

  /** Has the server do this when it first comes to the step, to one address if that is given. */
  function once(step: SmtpStep, answer: SmtpAnswer, to = ''): void {
    let isDone = false;
    server.script = (at, line) => {
      if (isDone || at !== step || !line.includes(to)) return undefined;
      isDone = true;
      return answer;
    };
  }

  const accepted = (): string[][] => server.accepted.map(({ to }) => to);

  describe.each<{ answer: SmtpAnswer; steps: SmtpStep[]; words: RegExp }>([
    { answer: 'drop', steps: ['EHLO', 'MAIL', 'RCPT', 'DATA'], words: /closed/i },
    { answer: 'hang', steps: ['GREETING', 'EHLO', 'MAIL', 'RCPT', 'DATA'], words: /timeout|never received/i },
    { answer: '421 Shutting down', steps: ['GREETING', 'MAIL', 'RCPT', 'DATA', 'BODY'], words: /^421 Shutting down$/ },
    { answer: '450 Busy', steps: ['MAIL', 'RCPT', 'DATA', 'BODY'], words: /^450 Busy$/ },
    { answer: '451 Later', steps: ['MAIL', 'RCPT', 'BODY'], words: /^451 Later$/ },
    { answer: '452 Full', steps: ['MAIL', 'RCPT', 'BODY'], words: /^452 Full$/ },
    { answer: '454 Not now', steps: ['MAIL', 'RCPT', 'BODY'], words: /^454 Not now$/ },
  ])('says "$answer"', ({ answer, steps, words }) => {
    it.each(steps)('at %s is tried again, and the attempt keeps its words', async (step) => {
      once(step, answer);
      const id = await app.sendForm();
      await app.waitForState(id, 'sent');
      const { attempts, recipients } = await app.showMail(id);
      expect(attempts).toMatchObject([{ error: expect.stringMatching(words) }, { error: null }]);
      expect(recipients).toMatchObject([{ state: 'sent', reply: '250 2.0.0 Ok: queued as 12345' }]);
      expect(accepted()).toEqual([['ann@example.com']]);
    });
  });

  it('is not there is tried again, until it is', async () => {
    await server.stop();
    const id = await app.sendForm();
    await app.until(`SELECT state FROM task WHERE retries > 0`);
    await server.listen();
    await app.waitForState(id, 'sent');
    const { attempts } = await app.showMail(id);
    expect(attempts[0]).toMatchObject({ error: expect.stringContaining('ECONNREFUSED') });
    expect(accepted()).toEqual([['ann@example.com']]);
  });

  it('is slow gets the mail all the same', async () => {
    server.delayMs = TIMEOUT_SECONDS * 500;
    const id = await app.sendForm();
    await app.waitForState(id, 'sent');
    expect(await app.showMail(id)).toMatchObject({ attempts: [{ error: null }] });
  });

  it.each(['550 No such user', '551 Moved', '553 Bad name', '550 5.1.1 Unknown', '554 5.7.1 No relay'])(
    'says "%s" to one of two has refused that one alone',
    async (reply) => {
      once('RCPT', reply, 'bob@');
      const id = await app.sendForm({ email: 'ann@example.com, bob@example.com' });
      await app.waitForState(id, 'refused');
      expect(await app.showMail(id)).toMatchObject({
        recipients: [
          { address: 'ann@example.com', state: 'sent' },
          { address: 'bob@example.com', state: 'refused', reply },
        ],
        attempts: [{ error: `bob@example.com: ${reply}` }],
      });
      expect(accepted()).toEqual([['ann@example.com']]);
    },
  );

  it('puts some off and takes others gets only those again that it put off', async () => {
    once('RCPT', '450 Busy', 'bob@');
    const id = await app.sendForm({ email: 'ann@example.com, bob@example.com, cy@example.com' });
    await app.waitForState(id, 'sent');
    expect(accepted()).toEqual([['ann@example.com', 'cy@example.com'], ['bob@example.com']]);
  });

  it.each(['552 Too big', '554 Spam', '550 5.6.0 Malformed', '554 5.7.1 Not from you'])(
    'says "%s" to the body has refused the mail, and its words are shown',
    async (reply) => {
      once('BODY', reply);
      const id = await app.sendForm();
      await app.waitForState(id, 'refused');
      const shown = await app.showMail(id);
      expect(shown).toMatchObject({
        settled: true,
        recipients: [{ state: 'refused', reply }],
        attempts: [{ error: reply }],
      });
      expect(await (await app.fetch(`/mails/${id}`)).text()).toContain(reply);
      expect(server.received).toHaveLength(1);
    },
  );

  it.each(['451 4.7.1 Greylisted, come again', '450 4.2.0 Greylisting in action'])(
    'says "%s" is left alone for five minutes at least',
    async (reply) => {
      once('RCPT', reply);
      const id = await app.sendForm();
      await app.waitForState(id, 'retrying');
      const [waits] = (await app.database.dataSource.query(
        `SELECT extract(epoch FROM task.due_at - task_attempt.finished_at)::float8 AS seconds
         FROM task JOIN mail ON mail.task_id = task.id JOIN task_attempt ON task_attempt.task_id = task.id
         WHERE mail.id = $1`,
        [id],
      )) as [{ seconds: number }];
      expect(waits.seconds).toBeGreaterThanOrEqual(300);
    },
  );

  describe.each<SmtpAnswer>(['drop', 'hang'])('after the final dot says nothing (%s)', (answer) => {
    it('leaves the mail uncertain: it is not sent again', async () => {
      once('BODY', answer);
      const id = await app.sendForm();
      await app.waitForState(id, 'uncertain');
      await app.probe();
      expect(await app.showMail(id)).toMatchObject({ settled: true, attempts: [{ number: 1 }] });
      expect(server.received).toHaveLength(2);
    });

    it('gets it again, under the same Message-ID, when the worker is told to resend', async () => {
      const resending = await MailApp.start();
      try {
        await resending.startWeb();
        await resending.startWorker({
          EMAIL_PORT: String(server.port),
          EMAIL_TIMEOUT: String(TIMEOUT_SECONDS),
          TASK_ANNOTATIONS: AT_ONCE,
          MAIL_ON_UNCERTAIN: 'resend',
        });
        once('BODY', answer);
        const id = await resending.sendForm();
        await resending.waitForState(id, 'sent');
        expect(server.received.map(({ messageId }) => messageId)).toEqual([
          `<${id}@example.com>`,
          `<${id}@example.com>`,
        ]);
      } finally {
        await resending.stop();
      }
    });
  });

  it('has refused one recipient, and put another one off, before it was lost leaves only the rest uncertain', async () => {
    let isLost = false;
    server.script = (step, line) => {
      if (line.includes('bob@')) return '550 No such user';
      if (line.includes('cy@') && !isLost) return '450 Busy';
      if (step !== 'BODY' || isLost) return undefined;
      isLost = true;
      return 'drop';
    };
    const id = await app.sendForm({ email: 'ann@example.com, bob@example.com, cy@example.com' });
    await app.waitForState(id, 'uncertain');
    expect(await app.showMail(id)).toMatchObject({
      recipients: [{ state: 'uncertain' }, { state: 'refused', reply: '550 No such user' }, { state: 'sent' }],
    });
    expect(server.received.map(({ to }) => to)).toEqual([['ann@example.com'], ['cy@example.com']]);
  });

  it('never takes a mail is given up after the last retry', async () => {
    server.script = (step) => (step === 'RCPT' ? '450 Busy' : undefined);
    const id = await app.sendForm();
    await app.waitForState(id, 'failed');
    const { attempts } = await app.showMail(id);
    expect(attempts).toHaveLength(4);
    expect(await (await app.fetch(`/mails/${id}`)).text()).toContain('450 Busy');
  });
});
