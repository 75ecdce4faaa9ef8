import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from '../fixtures/app-process.js';
import { MailApp } from '../fixtures/mail-app.js';
import { smtpError } from '../fixtures/mail-catcher.js';
import type { TcpProxy } from '../fixtures/tcp-proxy.js';

/** A worker that is killed (-9) at each step of a mail's way, and another one that comes after it. */
describe('a mail whose worker is killed', () => {
  let app: MailApp;

  beforeAll(async () => {
    app = await MailApp.start();
    await app.startLastingWeb();
  });

  afterEach(() => app.reset());

  afterAll(() => app.stop());

  /** The worker that is to be killed, and the line to a server that it is killed behind. */
  async function startVictim(server: 'broker' | 'database'): Promise<{ victim: AppProcess; line: TcpProxy }> {
    const line = await app.proxyTo(server);
    const setting = server === 'broker' ? 'BROKER_URL' : 'DATABASE_URL';
    return { victim: await app.startWorker({ WORKER_NAME: 'first@test', [setting]: line.url }), line };
  }

  async function startNext(): Promise<AppProcess> {
    return app.startWorker({ WORKER_NAME: 'second@test' });
  }

  /** Kills it; what was on its way to the server never gets there. */
  async function kill(victim: AppProcess, line?: TcpProxy): Promise<void> {
    await victim.stop('SIGKILL');
    line?.cut();
  }

  /** Nothing was left behind, neither in the queue nor in the hands of the worker. */
  async function expectNothingLeft(worker: AppProcess): Promise<void> {
    expect(await worker.stop()).toBe(0);
    expect(await app.messageCount()).toBe(0);
  }

  it('is sent, when that is before the claim', async () => {
    const { victim, line } = await startVictim('database');
    const atClaim = line.freezeAt('before', 'celeriac_claim');
    const id = await app.sendForm();
    await atClaim;
    await kill(victim, line);
    const next = await startNext();
    await app.waitForState(id, 'sent');
    expect(await app.showMail(id)).toMatchObject({ attempts: [{ number: 1, worker: 'second@test' }] });
    expect(app.catcher.received).toHaveLength(1);
    await expectNothingLeft(next);
  });

  it('is sent, when the answer to its claim never came', async () => {
    const { victim, line } = await startVictim('database');
    const claimed = line.freezeAt('after', 'celeriac_claim');
    const id = await app.sendForm();
    await claimed;
    await app.until(`SELECT id FROM task WHERE state = 'STARTED'`);
    await kill(victim, line);
    const next = await startNext();
    await app.waitForState(id, 'sent');
    expect(app.catcher.received).toHaveLength(1);
    await expectNothingLeft(next);
  });

  it('is sent, when that is before DATA', async () => {
    const held = app.catcher.hold('recipient');
    const victim = await app.startWorker({ WORKER_NAME: 'first@test' });
    const id = await app.sendForm();
    await held.reached;
    await kill(victim);
    const next = await startNext();
    await app.waitForState(id, 'sent');
    const { attempts } = await app.showMail(id);
    expect(attempts).toMatchObject([
      { number: 1, worker: 'first@test', outcome: 'WORKER_LOST' },
      { number: 2, worker: 'second@test', outcome: 'SUCCESS' },
    ]);
    expect(app.catcher.received).toHaveLength(1);
    await expectNothingLeft(next);
  });

  it('is sent, when the note that the body leaves now was not written', async () => {
    const { victim, line } = await startVictim('database');
    const atNote = line.freezeAt('before', 'celeriac_point_of_no_return');
    const id = await app.sendForm();
    await atNote;
    await kill(victim, line);
    const next = await startNext();
    await app.waitForState(id, 'sent');
    expect(app.catcher.received).toHaveLength(1);
    await expectNothingLeft(next);
  });

  it('is uncertain and not sent again, when that is after DATA', async () => {
    const held = app.catcher.hold('mail');
    const victim = await app.startWorker();
    const id = await app.sendForm();
    await held.reached;
    await kill(victim);
    const next = await startNext();
    await app.waitForState(id, 'uncertain');
    expect(await app.showMail(id)).toMatchObject({ settled: true, recipients: [{ state: 'uncertain' }] });
    expect(app.catcher.received).toHaveLength(1);
    await expectNothingLeft(next);
  });

  it("is uncertain and not sent again, when that is between the server's yes and the commit", async () => {
    const { victim, line } = await startVictim('database');
    const atSettle = line.freezeAt('before', 'celeriac_settle');
    const id = await app.sendForm();
    await atSettle;
    expect(app.catcher.mails).toHaveLength(1);
    await kill(victim, line);
    const next = await startNext();
    await app.waitForState(id, 'uncertain');
    await app.probe();
    expect(app.catcher.subjects).toEqual(['Probe 1', 'Your Feedback']);
    await expectNothingLeft(next);
  });

  it('is not sent again, when that is between the commit and the ack', async () => {
    const { victim, line } = await startVictim('broker');
    const held = app.catcher.hold('mail');
    const id = await app.sendForm();
    await held.reached;
    line.freeze('toServer');
    held.letGo();
    await app.waitForState(id, 'sent');
    await kill(victim, line);
    const next = await startNext();
    await app.probe();
    expect(await app.showMail(id)).toMatchObject({ state: 'sent', attempts: [{ number: 1, worker: 'first@test' }] });
    expect(app.catcher.received).toHaveLength(2);
    await expectNothingLeft(next);
  });

  it('keeps to its backoff, when that is between the commit of a retry and the ack', async () => {
    const { victim, line } = await startVictim('broker');
    app.catcher.script = {
      onRecipient: () => {
        line.freeze('toServer');
        // With a wait that is long for sure: others are drawn by lot, and may be none at all.
        throw smtpError(451, '4.7.1 Greylisted');
      },
    };
    const id = await app.sendForm();
    await app.waitForState(id, 'retrying');
    app.catcher.script = {};
    await kill(victim, line);
    const next = await startNext();
    // The old message is delivered once more.
    await app.probe();
    expect(await app.showMail(id)).toMatchObject({ state: 'retrying', attempts: [{ number: 1, outcome: 'RETRY' }] });
    await app.setDueIn('0');
    await app.waitForState(id, 'sent');
    expect(await app.showMail(id)).toMatchObject({ attempts: [{ number: 1 }, { number: 2, outcome: 'SUCCESS' }] });
    expect(app.catcher.subjects).toEqual(['Probe 1', 'Your Feedback']);
    await expectNothingLeft(next);
  });

  it('is sent once, when that is between the commit of a hand-back and the ack', async () => {
    // The first one sends slowly and loses its connection; the second one gets the message, must wait, and dies.
    const first = await startVictim('broker');
    const held = app.catcher.hold('mail');
    const id = await app.sendForm();
    await held.reached;
    const second = await startVictim('broker');
    second.line.freeze('toServer');
    first.line.refuse();
    await app.until(`SELECT id FROM task WHERE wait_reason = 'lease'`);
    await kill(second.victim, second.line);
    const third = await startNext();
    await app.probe();
    expect(await app.showMail(id)).toMatchObject({ state: 'sending', attempts: [{ worker: 'first@test' }] });
    held.letGo();
    await app.waitForState(id, 'sent');
    // What was handed back comes as well, and finds the mail sent.
    await app.setDueIn('0');
    await app.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM outbox)');
    await app.probe();
    expect(app.catcher.subjects).toEqual(['Probe 1', 'Probe 2', 'Your Feedback']);
    await expectNothingLeft(third);
  });
});
