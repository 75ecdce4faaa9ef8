import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from '../fixtures/app-process.js';
import { eventRows, eventsOf, heard } from '../fixtures/audit-log.js';
import { MailApp } from '../fixtures/mail-app.js';
import { smtpError } from '../fixtures/mail-catcher.js';

const ON = { MAIL_AUDIT_LOG: '1' };
const [ANN, BOB] = ['ann@example.com', 'bob@example.com'];
const BOTH = { email: `${ANN}, ${BOB}` };

/** What happens to mails, in the log and on the page. */
describe('the audit log', () => {
  let app: MailApp;

  beforeAll(async () => {
    app = await MailApp.start();
    await app.startWeb(ON);
  });

  afterEach(async () => {
    app.catcher.script = {};
  });

  afterAll(() => app.stop());

  function startWorker(settings: Record<string, string> = {}): Promise<AppProcess> {
    return app.startWorker({ ...ON, ...settings });
  }

  async function decide(id: string, action: string): Promise<void> {
    const response = await app.fetch(`/api/mails/${id}/${action}`, { method: 'POST' });
    expect(response.status).toBe(202);
  }

  describe('with a worker', () => {
    let worker: AppProcess;

    beforeAll(async () => {
      worker = await startWorker({
        TASK_ANNOTATIONS: JSON.stringify({ 'mail.send_email': { maxRetries: 1, retryBackoff: 0 } }),
      });
    });

    afterAll(() => worker.stop());

    it('has of a mail that was sent that it was accepted, and sent, with the words of the server', async () => {
      const id = await app.sendForm(BOTH);
      await heard(app, id, 'mail.sent');
      expect(await eventsOf(app, id)).toEqual([
        ['mail.accepted', ANN, BOB],
        ['mail.sent', ANN, BOB],
      ]);
      const [accepted, sent] = await eventRows(app, id);
      expect(accepted?.recipients).toEqual([ANN, BOB].map((address) => ({ address, reply: null })));
      expect(sent?.recipients).toMatchObject(
        [ANN, BOB].map((address) => ({ address, reply: expect.stringMatching(/^250 /) })),
      );
      expect(await app.showMail(id)).toMatchObject({ state: 'sent' });
    });

    it('has of one that was refused for some whom the server took and whom it did not', async () => {
      app.catcher.script = {
        onRecipient: (address) => {
          if (address === BOB) throw smtpError(550, '5.1.1 No such user');
        },
      };
      const id = await app.sendForm(BOTH);
      await heard(app, id, 'mail.refused');
      expect((await eventsOf(app, id)).toSorted()).toEqual([
        ['mail.accepted', ANN, BOB],
        ['mail.refused', BOB],
        ['mail.sent', ANN],
      ]);
      const { recipients } = await app.showMail(id);
      expect(recipients.map(({ state }) => state)).toEqual(['sent', 'refused']);
    });

    it('has of one that was given up for some that it failed for those, and why', async () => {
      app.catcher.script = {
        onRecipient: (address) => {
          if (address === BOB) throw smtpError(451, '4.3.0 Not now');
        },
      };
      const id = await app.sendForm(BOTH);
      await heard(app, id, 'mail.failed');
      expect(await eventsOf(app, id)).toEqual([
        ['mail.accepted', ANN, BOB],
        ['mail.sent', ANN],
        ['mail.failed', BOB],
      ]);
      expect((await eventRows(app, id)).at(-1)).toMatchObject({
        reason: expect.stringContaining('4.3.0 Not now'),
        recipients: [{ reply: '451 4.3.0 Not now' }],
      });
      const { recipients } = await app.showMail(id);
      expect(recipients.map(({ state }) => state)).toEqual(['sent', 'failed']);
    });

    it('goes on when it is sent again', async () => {
      app.catcher.script = {
        onRecipient: () => {
          throw smtpError(550, '5.1.1 No such user');
        },
      };
      const id = await app.sendForm();
      await heard(app, id, 'mail.refused');
      app.catcher.script = {};
      await decide(id, 'resend');
      await heard(app, id, 'mail.sent');
      expect(await eventsOf(app, id)).toEqual([
        ['mail.accepted', ANN],
        ['mail.refused', ANN],
        ['mail.requeued', ANN],
        ['mail.sent', ANN],
      ]);
    });
  });

  it('has of one that was called off that it was, once', async () => {
    const id = await app.sendForm();
    await decide(id, 'cancel');
    const worker = await startWorker();
    await heard(app, id, 'mail.canceled');
    await app.probe();
    expect(await eventsOf(app, id)).toEqual([
      ['mail.accepted', ANN],
      ['mail.canceled', ANN],
    ]);
    expect(await app.showMail(id)).toMatchObject({ state: 'canceled' });
    expect(await worker.stop()).toBe(0);
  });

  it('has of one whose worker was killed in the middle of it that nobody knows, and that it arrived', async () => {
    const held = app.catcher.hold('mail');
    const victim = await startWorker();
    const id = await app.sendForm();
    await held.reached;
    await victim.stop('SIGKILL');
    const worker = await startWorker();
    await heard(app, id, 'mail.uncertain');
    await decide(id, 'arrived');
    await heard(app, id, 'mail.arrived');
    expect(await eventsOf(app, id)).toEqual([
      ['mail.accepted', ANN],
      ['mail.uncertain', ANN],
      ['mail.arrived', ANN],
    ]);
    expect(await worker.stop()).toBe(0);
  });

  it.each([
    ['recipient', 'failed'],
    ['mail', 'uncertain'],
  ] as const)('has of one that has killed its workers, at its %s, that it is %s', async (step, state) => {
    const held = app.catcher.hold(step);
    const victim = await startWorker();
    const id = await app.sendForm();
    await held.reached;
    // As if it were not the first.
    await app.database.dataSource.query(`UPDATE task SET deaths = 2 WHERE state = 'STARTED'`);
    await victim.stop('SIGKILL');
    const worker = await startWorker();
    await heard(app, id, `mail.${state}`);
    expect(await eventsOf(app, id)).toEqual([
      ['mail.accepted', ANN],
      [`mail.${state}`, ANN],
    ]);
    expect((await eventRows(app, id)).at(-1)?.reason).toContain('Workers that died');
    expect(await app.showMail(id)).toMatchObject({ state, task: { state: 'FAILURE' } });
    expect(await worker.stop()).toBe(0);
  });
});
