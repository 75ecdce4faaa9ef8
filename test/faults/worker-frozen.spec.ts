import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from '../fixtures/app-process.js';
import { MailApp } from '../fixtures/mail-app.js';
import type { TcpProxy } from '../fixtures/tcp-proxy.js';

const NOT_HELD = /is no longer held by this run/;

/** A worker that is stopped (SIGSTOP) for longer than its lease, while another one goes on, and is woken then. */
describe('a worker that wakes after its lease has run out', () => {
  let app: MailApp;
  let sleeper: AppProcess;
  let toBroker: TcpProxy;
  let toDatabase: TcpProxy;

  beforeAll(async () => {
    app = await MailApp.start();
    await app.startLastingWeb();
  });

  afterEach(() => app.reset());

  afterAll(() => app.stop());

  async function startSleeper(): Promise<void> {
    toBroker = await app.proxyTo('broker');
    toDatabase = await app.proxyTo('database');
    sleeper = await app.startWorker({
      WORKER_NAME: 'first@test',
      BROKER_URL: toBroker.url,
      DATABASE_URL: toDatabase.url,
    });
  }

  /** Stops it, and has RabbitMQ notice: without the cut that takes two heartbeats. */
  async function freezeAndTakeOver(id: string, state: string): Promise<AppProcess> {
    sleeper.signal('SIGSTOP');
    toBroker.refuse();
    const other = await app.startWorker({ WORKER_NAME: 'second@test' });
    await app.waitForState(id, state);
    return other;
  }

  async function wake(): Promise<void> {
    const noticed = sleeper.nextLine(NOT_HELD);
    sleeper.signal('SIGCONT');
    await noticed;
  }

  it('sends nothing that another one has sent', async () => {
    await startSleeper();
    const held = app.catcher.hold('recipient');
    const id = await app.sendForm();
    await held.reached;
    const other = await freezeAndTakeOver(id, 'sent');
    const before = await app.showMail(id);
    held.letGo();
    await wake();
    expect(app.catcher.received).toHaveLength(1);
    expect(await app.showMail(id)).toEqual(before);
    expect(before.attempts).toMatchObject([{ outcome: 'WORKER_LOST' }, { worker: 'second@test', outcome: 'SUCCESS' }]);
    expect([await sleeper.stop(), await other.stop()]).toEqual([0, 0]);
  });

  it('lets the body of no mail go whose lease ran out while it noted that it would', async () => {
    await startSleeper();
    const noted = toDatabase.freezeAt('after', 'celeriac_point_of_no_return');
    const id = await app.sendForm();
    await noted;
    await app.until('SELECT 1 FROM task_attempt WHERE point_of_no_return_at IS NOT NULL');
    // Nobody can know that no byte of it has left.
    await freezeAndTakeOver(id, 'uncertain');
    const before = await app.showMail(id);
    toDatabase.thaw();
    await wake();
    expect(app.catcher.received).toEqual([]);
    expect(await app.showMail(id)).toEqual(before);
  });

  it("changes nothing of what is uncertain by now, whatever the mail server's late answer", async () => {
    await startSleeper();
    const held = app.catcher.hold('mail');
    const id = await app.sendForm();
    await held.reached;
    await freezeAndTakeOver(id, 'uncertain');
    const before = await app.showMail(id);
    held.letGo();
    await wake();
    expect(app.catcher.mails).toHaveLength(1);
    expect(await app.showMail(id)).toEqual(before);
    expect(before).toMatchObject({ settled: true, recipients: [{ state: 'uncertain' }] });
  });

  it('goes on with what nobody else has taken', async () => {
    await startSleeper();
    const held = app.catcher.hold('recipient');
    const id = await app.sendForm();
    await held.reached;
    sleeper.signal('SIGSTOP');
    await app.until('SELECT 1 FROM worker WHERE lease_until < now()');
    held.letGo();
    sleeper.signal('SIGCONT');
    await app.waitForState(id, 'sent');
    expect(app.catcher.received).toHaveLength(1);
  });
});
