import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MailApp } from '../fixtures/mail-app.js';
import { expectAllSent } from './expect-all-sent.js';

/** SHUTDOWN_TIMEOUT where a test has a mail that does not end. */
const SHUTDOWN_SECONDS = '1';
/** After which Docker would kill: docker-compose.yml has 20 s for a SHUTDOWN_TIMEOUT of 8. */
const GRACE_MS = 13_000;

describe('a process that is told to stop', () => {
  let app: MailApp;

  beforeAll(async () => {
    app = await MailApp.start();
    await app.startLastingWeb();
  });

  afterEach(() => app.reset());

  afterAll(() => app.stop());

  it('finishes the mail that it is sending', async () => {
    const worker = await app.startWorker();
    const held = app.catcher.hold('mail');
    const id = await app.sendForm();
    await held.reached;
    const stopped = worker.stop();
    held.letGo();
    expect(await stopped).toBe(0);
    expect(await app.showMail(id)).toMatchObject({ state: 'sent' });
    expect(await app.messageCount()).toBe(0);
  });

  it('gives back what does not end in time, and another worker sends it at once', async () => {
    const worker = await app.startWorker({ WORKER_NAME: 'first@test', SHUTDOWN_TIMEOUT: SHUTDOWN_SECONDS });
    const held = app.catcher.hold('recipient');
    const id = await app.sendForm();
    await held.reached;
    expect(await worker.stop('SIGTERM', GRACE_MS)).toBe(0);
    expect(await app.showMail(id)).toMatchObject({ state: 'queued' });
    await app.startWorker({ WORKER_NAME: 'second@test' });
    await app.waitForState(id, 'sent');
    expect(app.catcher.received).toHaveLength(1);
  });

  it('waits for nothing when it is asked twice, and gives back what it was at', async () => {
    const worker = await app.startWorker({ WORKER_NAME: 'first@test', SHUTDOWN_TIMEOUT: '600' });
    const held = app.catcher.hold('recipient');
    const id = await app.sendForm();
    await held.reached;
    const stopping = worker.nextLine(/Stopping: what runs may end first/);
    worker.signal('SIGTERM');
    await stopping;
    expect(await worker.stop('SIGTERM', GRACE_MS)).toBe(0);
    expect(await app.showMail(id)).toMatchObject({ state: 'queued' });
    await app.startWorker({ WORKER_NAME: 'second@test' });
    await app.waitForState(id, 'sent');
    expect(app.catcher.received).toHaveLength(1);
  });

  it('gives back a mail whose body is on its way, which is uncertain then', async () => {
    const worker = await app.startWorker({ SHUTDOWN_TIMEOUT: SHUTDOWN_SECONDS });
    const held = app.catcher.hold('mail');
    const id = await app.sendForm();
    await held.reached;
    expect(await worker.stop('SIGTERM', GRACE_MS)).toBe(0);
    await app.startWorker();
    await app.waitForState(id, 'uncertain');
    expect(app.catcher.received).toHaveLength(1);
  });

  it('leaves what it has not begun to others, under load', async () => {
    const first = await app.startWorker({ WORKER_NAME: 'first@test' });
    const load = app.sendMany(200);
    await app.catcher.caught(40);
    const second = await app.startWorker({ WORKER_NAME: 'second@test' });
    expect(await first.stop('SIGTERM', GRACE_MS)).toBe(0);
    await load.done;
    await expectAllSent(app, load);
    expect(await second.stop('SIGTERM', GRACE_MS)).toBe(0);
    expect(await app.messageCount()).toBe(0);
  });

  it('loses nothing when it is killed while it stops', async () => {
    const first = await app.startWorker({ WORKER_NAME: 'first@test' });
    const held = app.catcher.hold('recipient');
    const slow = await app.sendForm({ subject: 'Slow' });
    await held.reached;
    const load = app.sendMany(50);
    await load.reached(30);
    const stopping = first.nextLine(/Stopping/);
    first.signal('SIGTERM');
    await stopping;
    expect(await first.stop('SIGKILL')).toBeNull();
    await load.done;
    await app.startWorker({ WORKER_NAME: 'second@test' });
    await app.allEnded();
    // Whatever was in the middle of its body is uncertain; nothing is gone, nothing is there twice.
    const shown = await Promise.all([slow, ...load.accepted.values()].map((id) => app.showMail(id)));
    const sent = shown.filter(({ state }) => state === 'sent').map(({ subject }) => subject);
    const rest = shown.filter(({ state }) => state !== 'sent');
    expect(rest.map(({ state }) => state)).toEqual(rest.map(() => 'uncertain'));
    const received = app.catcher.received.map(({ email }) => email.subject ?? '');
    expect(new Set(received).size).toBe(received.length);
    expect(sent.filter((subject) => !received.includes(subject))).toEqual([]);
    expect(sent).toContain('Slow');
  });

  it('answers a form that it has taken', async () => {
    const line = await app.proxyTo('database');
    const web = await app.startWeb({ DATABASE_URL: line.url });
    const form = await app.loadForm();
    const committing = line.freezeAt('before', 'INSERT INTO mail ', 'COMMIT');
    const answer = form.send({});
    await committing;
    const stopped = web.stop('SIGTERM', GRACE_MS);
    // When nobody listens any more, its connections have been looked through.
    while (await app.fetch('/livez').then(Boolean, () => false));
    line.thaw();
    expect((await answer).status).toBe(303);
    expect(await stopped).toBe(0);
  });

  it('loses no form, and takes none twice, under load', async () => {
    const worker = await app.startWorker();
    const web = await app.startWeb();
    const load = app.sendMany(200);
    await load.reached(60);
    const stopped = web.stop('SIGTERM', GRACE_MS);
    await app.startWeb();
    await load.done;
    expect(await stopped).toBe(0);
    await app.setDueIn('0');
    await expectAllSent(app, load);
    expect(await worker.stop()).toBe(0);
  });

  it('loses no accepted form when the web app is killed while it stops', async () => {
    await app.startWorker();
    const web = await app.startWeb();
    const load = app.sendMany(100);
    await load.reached(40);
    const stopping = web.nextLine(/Stopping/);
    web.signal('SIGTERM');
    await stopping;
    await web.stop('SIGKILL');
    await app.startWeb();
    await load.done;
    await app.setDueIn('0');
    await expectAllSent(app, load);
  });

  it('does not wait for a line to RabbitMQ that is dead', async () => {
    const line = await app.proxyTo('broker');
    const web = await app.startWeb({ BROKER_URL: line.url });
    const worker = await app.startWorker({ BROKER_URL: line.url, SHUTDOWN_TIMEOUT: SHUTDOWN_SECONDS });
    await app.probe();
    const held = app.catcher.hold('recipient');
    const id = await app.sendForm();
    await held.reached;
    line.freeze();
    expect(await Promise.all([web.stop('SIGTERM', GRACE_MS), worker.stop('SIGTERM', GRACE_MS)])).toEqual([0, 0]);
    line.cut();
    await app.startWeb();
    await app.startWorker();
    await app.waitForState(id, 'sent');
    expect(app.catcher.subjects).toEqual(['Probe 1', 'Your Feedback']);
  });
});
