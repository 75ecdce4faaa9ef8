import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MailApp } from '../fixtures/mail-app.js';

/** Longer than any test takes. */
const LONG_LEASE = { WORKER_LEASE: '600' };

/** What the page of a mail says by itself, and the API. */
describe('why a mail waits', () => {
  let app: MailApp;

  beforeAll(async () => {
    app = await MailApp.start();
    await app.startLastingWeb();
  });

  afterEach(() => app.reset());

  afterAll(() => app.stop());

  it('is said as it changes: no worker, those before it, then it is sent', async () => {
    const id = await app.sendForm();
    await app.waitForPage(id, 'No worker that sends mail is running. Your mail is stored');
    expect(await app.showMail(id)).toMatchObject({ state: 'queued', waiting: { reason: 'no_worker' } });
    const held = app.catcher.hold('recipient');
    await app.startWorker({ WORKER_CONCURRENCY: '1' });
    await held.reached;
    expect(await app.showMail(id)).toMatchObject({ state: 'sending', waiting: null });
    const [next, last] = [await app.sendForm(), await app.sendForm()];
    await app.waitForPage(next, 'It is next in line.');
    await app.waitForPage(last, '1 mail is before it.');
    expect(await app.showMail(last)).toMatchObject({ state: 'queued', waiting: { reason: 'in_line', before: 1 } });
    const sent = app.waitForState(last, 'sent');
    held.letGo();
    await sent;
    expect(await app.showMail(last)).toMatchObject({ waiting: null });
  });

  it('is that workers run, but none that sends mail', async () => {
    await app.database.dataSource.query(
      `INSERT INTO worker (id, name, pid, queues, lease_until)
       VALUES (gen_random_uuid(), 'w', 1, '{pictures}', now() + interval '1 hour')`,
    );
    await app.waitForPage(await app.sendForm(), 'No worker that sends mail is running.');
  });

  it('is that RabbitMQ is away', async () => {
    const line = await app.proxyTo('broker');
    await app.startWeb({ BROKER_URL: line.url });
    const published = await app.sendForm();
    await app.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM outbox)');
    line.refuse();
    await app.waitForPage(await app.sendForm(), 'RabbitMQ cannot be reached.');
    await app.waitForPage(published, 'RabbitMQ cannot be reached.');
    line.accept();
    await app.waitForPage(published, 'No worker that sends mail is running.');
  });

  it('is that its worker is silent, until its lease runs out', async () => {
    const held = app.catcher.hold('recipient');
    const victim = await app.startWorker({ WORKER_NAME: 'first@test', ...LONG_LEASE });
    const id = await app.sendForm();
    await held.reached;
    await victim.stop('SIGKILL');
    await app.startWorker({ WORKER_NAME: 'second@test' });
    await app.waitForPage(id, 'The worker that has it gives no sign of life.');
    const [row] = (await app.database.dataSource.query(
      `SELECT lease_until AS until FROM worker WHERE name = 'first@test'`,
    )) as Array<{ until: Date }>;
    const until = row?.until.toISOString() ?? '';
    expect(await app.showMail(id)).toMatchObject({ state: 'sending', waiting: { reason: 'lease', until } });
    const page = await (await app.fetch(`/mails/${id}`)).text();
    expect(page).toContain(`lease runs out: <time datetime="${until}"`);
    await app.database.dataSource.query(`UPDATE worker SET lease_until = now() WHERE name = 'first@test'`);
    await app.setDueIn('0 s');
    await app.waitForState(id, 'sent');
  });

  it('is that its worker has died, and there is no other', async () => {
    const held = app.catcher.hold('recipient');
    const victim = await app.startWorker();
    const id = await app.sendForm();
    await held.reached;
    await victim.stop('SIGKILL');
    await app.waitForPage(id, 'The worker that had it has died. The next one that is free takes it over.');
    expect(await app.showMail(id)).toMatchObject({ state: 'sending', waiting: { reason: 'lease', until: null } });
  });
});
