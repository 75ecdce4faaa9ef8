import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MailApp } from '../fixtures/mail-app.js';
import { RabbitMqNode } from '../services/index.js';
import { expectAllSent } from './expect-all-sent.js';

const CONSUMING = /Consuming queue/;
const VHOST = 'ours';
/** After which a stop has failed. */
const GRACE_MS = 13_000;

/** RabbitMQ as a whole stops, starts, or holds publishers back. */
describe('while RabbitMQ', () => {
  let rabbitMq: RabbitMqNode;
  let app: MailApp;

  beforeAll(async () => {
    rabbitMq = await RabbitMqNode.start();
    await makeVhost();
    const url = new URL(rabbitMq.brokerUrl);
    url.pathname = `/${VHOST}`;
    app = await MailApp.start({ brokerUrl: url.toString() });
    await app.startLastingWeb();
  });

  afterEach(() => app.reset());

  afterAll(async () => {
    await app.stop();
    await rabbitMq.destroy();
  });

  async function makeVhost(): Promise<void> {
    await rabbitMq.ctl('add_vhost', VHOST);
    await rabbitMq.ctl('set_permissions', '-p', VHOST, 'guest', '.*', '.*', '.*');
  }

  it('restarts, a mail that is just being sent goes out once', async () => {
    const worker = await app.startWorker();
    // The first mail of a worker goes alone.
    await app.probe();
    const held = app.catcher.hold('mail');
    const id = await app.sendForm();
    await held.reached;
    const consumesAgain = worker.nextLine(CONSUMING);
    await rabbitMq.stop();
    await rabbitMq.restart();
    await consumesAgain;
    // Its message is there again, and belongs to the run that goes on.
    await app.probe();
    expect(await app.showMail(id)).toMatchObject({ state: 'sending', attempts: [{ number: 1 }] });
    held.letGo();
    await app.waitForState(id, 'sent');
    expect(app.catcher.subjects).toEqual(['Probe 1', 'Probe 2', 'Your Feedback']);
    expect(await worker.stop()).toBe(0);
    expect(await app.messageCount()).toBe(0);
  });

  it('is stopped and started again under load, every form is answered with 303 and every mail sent once', async () => {
    const worker = await app.startWorker();
    const before = app.sendMany(100, 'Before');
    await before.reached(30);
    const consumesAgain = worker.nextLine(CONSUMING);
    await rabbitMq.stop();
    await before.done;
    const during = app.sendMany(100, 'During');
    await during.done;
    expect(app.catcher.subjects.filter((subject) => subject.startsWith('During'))).toEqual([]);
    await rabbitMq.restart();
    await consumesAgain;
    expect([...before.answers, ...during.answers]).toEqual([
      [303, 100],
      [303, 100],
    ]);
    await expectAllSent(app, before, during);
    expect(await worker.stop()).toBe(0);
    expect(await app.messageCount()).toBe(0);
  });

  it('holds publishers back, forms are accepted, and mails are sent when it has memory again', async () => {
    const worker = await app.startWorker();
    await rabbitMq.ctl('set_vm_memory_high_watermark', '0.0000001');
    const load = app.sendMany(30);
    try {
      await load.done;
      expect([...load.answers]).toEqual([[303, 30]]);
    } finally {
      await rabbitMq.ctl('set_vm_memory_high_watermark', '0.4');
    }
    await expectAllSent(app, load);
    expect(await worker.stop()).toBe(0);
  });

  it('holds publishers back, a web app stops in time', async () => {
    const web = await app.startWeb();
    await web.line(/Connected to RabbitMQ/);
    await rabbitMq.ctl('set_vm_memory_high_watermark', '0.0000001');
    try {
      const id = await app.sendForm();
      await web.line(/holds publishers back/);
      expect(await web.stop('SIGTERM', GRACE_MS)).toBe(0);
      await app.until('SELECT 1 FROM outbox JOIN mail USING (task_id) WHERE mail.id = $1', id);
    } finally {
      await rabbitMq.ctl('set_vm_memory_high_watermark', '0.4');
    }
  });

  it('loses its virtual host, mails are sent when there is one again', async () => {
    const worker = await app.startWorker({ RECONCILE_AFTER: '1', WORKER_CONCURRENCY: '1' });
    const held = app.catcher.hold('recipient');
    const sending = await app.sendForm({ subject: 'Being sent' });
    await held.reached;
    // Published, and waiting for its turn.
    const lost = await app.sendForm({ subject: 'Lost' });
    await app.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM outbox)');
    const away = worker.nextLine(/closed the connection/);
    await rabbitMq.ctl('delete_vhost', VHOST);
    await away;
    const meanwhile = await app.sendForm({ subject: 'Meanwhile' });
    const consumesAgain = worker.nextLine(CONSUMING);
    await makeVhost();
    await consumesAgain;
    held.letGo();
    await Promise.all([sending, lost, meanwhile].map((id) => app.waitForState(id, 'sent')));
    expect(app.catcher.subjects).toEqual(['Being sent', 'Lost', 'Meanwhile']);
    expect(await worker.stop()).toBe(0);
  });
});
