import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from '../fixtures/app-process.js';
import { MailApp } from '../fixtures/mail-app.js';
import { PostgresServer } from '../fixtures/postgres-server.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { expectAllSent } from './expect-all-sent.js';

/** Postgres goes and comes back: no accepted mail is lost, none is sent twice, no process dies. */
describe('when Postgres', () => {
  let postgres: PostgresServer;
  let database: TaskDatabase;
  let app: MailApp;
  let web: AppProcess;

  beforeAll(async () => {
    postgres = await PostgresServer.start();
    database = await createTaskDatabase(postgres.url);
    app = await MailApp.start({ database });
    web = await app.startLastingWeb();
  });

  afterEach(() => app.reset());

  afterAll(async () => {
    await app.stop();
    await database.dataSource.destroy();
    await postgres.destroy();
  });

  /** The web app says that it cannot store anything now, wherever it is asked. */
  async function expectUnavailable(id: string): Promise<void> {
    const form = await app.loadForm();
    const answer = await form.send({ msg: 'A text that took long to write' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    const page = await answer.text();
    expect(page).toContain('A text that took long to write');
    expect(page).toContain(form.idempotencyKey);
    const statuses = ['/readyz', `/api/mails/${id}`, `/mails/${id}`, '/livez'].map(async (path) => {
      return (await app.fetch(path)).status;
    });
    expect(await Promise.all(statuses)).toEqual([503, 503, 503, 200]);
  }

  it('restarts under load, forms are answered with 503 meanwhile and 303 afterwards', async () => {
    const workers = await Promise.all([app.startWorker(), app.startWorker({ WORKER_NAME: 'second@test' })]);
    const load = app.sendMany(200);
    await load.reached(60);
    await postgres.stop();
    await expectUnavailable([...load.accepted.values()][0] ?? '');
    await postgres.restart();
    await load.done;
    await expectAllSent(app, load);
    expect((await app.fetch('/readyz')).status).toBe(200);
    expect([...load.answers.keys()].toSorted()).toEqual([303, 503]);
    expect([web, ...workers].map(({ running }) => running)).toEqual([true, true, true]);
    expect(await Promise.all(workers.map((worker) => worker.stop()))).toEqual([0, 0]);
    expect(await app.messageCount()).toBe(0);
  });

  it('crashes under load, it goes on', async () => {
    const worker = await app.startWorker();
    const load = app.sendMany(150);
    for (const count of [40, 80]) {
      await load.reached(count);
      await postgres.crash();
    }
    await load.done;
    await expectAllSent(app, load);
    expect([web.running, await worker.stop()]).toEqual([true, 0]);
    expect(await app.messageCount()).toBe(0);
  });

  it('ends all connections again and again under load, it goes on', async () => {
    const worker = await app.startWorker();
    const load = app.sendMany(150);
    for (const count of [30, 60, 90, 120]) {
      await load.reached(count);
      await postgres.endConnections();
    }
    await load.done;
    await expectAllSent(app, load);
    expect([web.running, await worker.stop()]).toEqual([true, 0]);
    expect(await app.messageCount()).toBe(0);
  });

  it('takes no writes for a while, what was sent meanwhile is written down later', async () => {
    const worker = await app.startWorker();
    const held = app.catcher.hold('mail');
    const id = await app.sendForm();
    await held.reached;
    await postgres.setReadOnly(true);
    try {
      const waits = worker.nextLine(/Outcomes wait/);
      held.letGo();
      await waits;
      const form = await app.loadForm();
      expect((await form.send({})).status).toBe(503);
      expect((await app.fetch('/readyz')).status).toBe(503);
      expect(await app.showMail(id)).toMatchObject({ state: 'sending' });
    } finally {
      await postgres.setReadOnly(false);
    }
    await app.waitForState(id, 'sent');
    await app.probe();
    expect(await app.showMail(id)).toMatchObject({ attempts: [{ number: 1, outcome: 'SUCCESS' }] });
    expect(app.catcher.received).toHaveLength(2);
    expect(await worker.stop()).toBe(0);
  });

  it('commits a form and its answer is lost, the form leads to the same mail when it is sent again', async () => {
    const line = await app.proxyTo('database');
    await app.startWeb({ DATABASE_URL: line.url });
    const form = await app.loadForm();
    const committing = line.freezeAt('after', 'INSERT INTO mail ', 'COMMIT');
    const lost = form.send({ subject: 'Once' });
    await committing;
    const { id } = await app.until<{ id: string }>('SELECT id FROM mail');
    line.cut();
    expect((await lost).status).toBe(503);
    const again = await form.send({ subject: 'Once' });
    expect([again.status, again.headers.get('location')]).toEqual([303, `/mails/${id}`]);
    await app.startWorker();
    await app.setDueIn('0');
    await app.waitForState(id, 'sent');
    await app.probe();
    expect(app.catcher.subjects).toEqual(['Once', 'Probe 1']);
  });

  it('commits an outcome and its answer is lost, the mail is not sent again', async () => {
    const line = await app.proxyTo('database');
    const worker = await app.startWorker({ DATABASE_URL: line.url });
    const held = app.catcher.hold('mail');
    const id = await app.sendForm();
    await held.reached;
    const committing = line.freezeAt('after', 'celeriac_settle', 'COMMIT');
    held.letGo();
    await committing;
    await app.waitForState(id, 'sent');
    line.cut();
    await worker.line(/is no longer held by this run: .*or its outcome is recorded already/);
    await app.probe();
    expect(await app.showMail(id)).toMatchObject({ state: 'sent', attempts: [{ number: 1, outcome: 'SUCCESS' }] });
    expect(app.catcher.received).toHaveLength(2);
    expect(await worker.stop()).toBe(0);
    expect(await app.messageCount()).toBe(0);
  });

  it('is behind links that have died without a word, they are left behind', async () => {
    const line = await app.proxyTo('database');
    await app.startWeb({ DATABASE_URL: line.url });
    // When nothing waits in the outbox, the connections that publish are there; the second form has its own.
    await app.sendForm({ msg: 'Before' });
    await app.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM outbox)');
    await app.sendForm({ msg: 'Before, too' });
    const form = await app.loadForm();
    line.freeze();
    // The one that was under way gets its answer when the statement has timed out; the next one has a new link.
    expect((await form.send({ msg: 'Into the dark' })).status).toBe(503);
    expect((await form.send({ msg: 'After' })).status).toBe(303);
    const open = await database.dataSource.query(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'
       AND state_change < now() - interval '5 seconds'`,
    );
    expect(open).toEqual([]);
  });
});
