import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MailApp } from '../fixtures/mail-app.js';
import { ScriptedMailServer, type SmtpScript } from '../fixtures/scripted-mail-server.js';

const LOGIN = { EMAIL_HOST_USER: 'celeriac', EMAIL_HOST_PASSWORD: 'secret' };

/** Offers a login, and refuses it. */
const noLogin: SmtpScript = (step) =>
  step === 'EHLO' ? '250-ready\r\n250 AUTH PLAIN LOGIN' : step === 'AUTH' ? '535 5.7.8 Who are you' : undefined;

describe('a mail server that refuses us', () => {
  let app: MailApp;
  let server: ScriptedMailServer;

  beforeAll(async () => {
    app = await MailApp.start();
    await app.startLastingWeb();
  });

  beforeEach(async () => {
    server = await ScriptedMailServer.start();
  });

  afterAll(() => app.stop());

  afterEach(async () => {
    await app.reset();
    await server.stop();
  });

  async function startWorker(settings: Record<string, string> = {}) {
    return app.startWorker({ EMAIL_PORT: String(server.port), ...settings });
  }

  const snoozed = (count: number): Promise<unknown> =>
    app.until(`SELECT 1 FROM task WHERE wait_reason = 'snoozed' HAVING count(*) = $1`, count);

  it.each<[what: string, settings: Record<string, string>, script: SmtpScript, words: string, advice: string]>([
    ['our login', LOGIN, noLogin, '535 5.7.8 Who are you', 'EMAIL_HOST_PASSWORD'],
    ['encryption', { EMAIL_USE_TLS: '1' }, () => undefined, '502 not known', 'EMAIL_USE_TLS'],
    [
      'our sender',
      {},
      (step) => (step === 'MAIL' ? '553 5.1.8 Not your address' : undefined),
      '553 5.1.8 Not your address',
      'DEFAULT_FROM_EMAIL',
    ],
    [
      'us as a whole',
      {},
      (step) => (step === 'GREETING' ? '554 No mail from you' : undefined),
      '554 No mail from you',
      'EMAIL_HOST',
    ],
  ])(
    '(%s) makes mails wait, and the page and the log say what to mend',
    async (_what, settings, script, words, advice) => {
      server.script = script;
      const ids = await Promise.all(Array.from({ length: 8 }, (_, n) => app.sendForm({ subject: `Mail ${n}` })));
      const worker = await startWorker(settings);
      await snoozed(8);
      expect(await worker.line(/refuses us: /)).toContain(words);
      expect(worker.lines.filter((line) => line.includes('refuses us: '))).toEqual([expect.stringContaining(advice)]);
      // One has tried; the others were not let through.
      expect(server.connections).toBe(1);
      const shown = await app.showMail(ids[7] ?? '');
      expect(shown).toMatchObject({ state: 'queued', settled: false, attempts: [], waiting: { problem: words } });
      const page = await (await app.fetch(`/mails/${ids[7]}`)).text();
      expect(page).toContain(words);
      expect(page).toContain(advice);
      expect(worker.lines.join('\n')).not.toContain('secret');
    },
  );

  it('gets all of them when that is mended and the worker started again, each in its first attempt', async () => {
    server.script = noLogin;
    const ids = await Promise.all(Array.from({ length: 8 }, (_, n) => app.sendForm({ subject: `Mail ${n}` })));
    const worker = await startWorker(LOGIN);
    await snoozed(8);
    expect(await worker.stop()).toBe(0);
    server.script = () => undefined;
    const mended = await startWorker(LOGIN);
    for (const id of ids) await app.waitForState(id, 'sent');
    await mended.line(/takes our mails again/);
    for (const id of ids) expect(await app.showMail(id)).toMatchObject({ attempts: [{ number: 1, error: null }] });
    expect(server.accepted).toHaveLength(8);
    expect(await app.database.dataSource.query('SELECT id FROM mail_server_trouble')).toEqual([]);
  });

  it('gets them by itself, some time after it takes them again', async () => {
    server.script = noLogin;
    const ids = await Promise.all(Array.from({ length: 4 }, (_, n) => app.sendForm({ subject: `Mail ${n}` })));
    await startWorker(LOGIN);
    await snoozed(4);
    server.script = () => undefined;
    // Its pause is over, as that of the mail which will try.
    await app.database.dataSource.query('UPDATE mail_server_trouble SET next_probe_at = now()');
    await app.database.dataSource.query('UPDATE outbox SET due_at = now() WHERE id = (SELECT id FROM outbox LIMIT 1)');
    for (const id of ids) await app.waitForState(id, 'sent');
    expect(server.accepted).toHaveLength(4);
  });

  it('gets a mail once whose worker was killed between the commit of its snooze and the ack', async () => {
    const line = await app.proxyTo('broker');
    server.script = (step, command) => {
      if (step === 'AUTH') line.freeze('toServer');
      return noLogin(step, command);
    };
    const first = await startWorker({ ...LOGIN, BROKER_URL: line.url });
    const id = await app.sendForm();
    await snoozed(1);
    await first.stop('SIGKILL');
    server.script = () => undefined;
    // The broker delivers the message again that was never acknowledged; by now it is of an older generation.
    await startWorker();
    await app.waitForState(id, 'sent');
    await app.probe();
    expect(server.accepted).toHaveLength(2);
    expect(await app.showMail(id)).toMatchObject({ attempts: [{ number: 1, error: null }] });
  });
});
