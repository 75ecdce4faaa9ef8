import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { MailApp } from '../fixtures/mail-app.js';
import { expectAllSent } from './expect-all-sent.js';

const CONSUMING = /Consuming queue/;
const NOTHING_WAITS_IN_THE_OUTBOX = 'SELECT 1 WHERE NOT EXISTS (SELECT FROM outbox)';

/** RabbitMQ runs, but connections, queues, exchanges or bindings go. */
describe('when RabbitMQ', () => {
  let app: MailApp;
  let raw: ChannelModel;
  let channel: Channel;

  beforeAll(async () => {
    app = await MailApp.start();
    await app.startLastingWeb();
    raw = await connect(app.brokerUrl);
    channel = await raw.createChannel();
  });

  afterEach(() => app.reset());

  afterAll(async () => {
    await raw.close();
    await app.stop();
  });

  it('drops the connection in the middle of a mail, the run that goes on adopts the message', async () => {
    const line = await app.proxyTo('broker');
    const worker = await app.startWorker({ BROKER_URL: line.url });
    // The first mail of a worker goes alone.
    await app.probe();
    const held = app.catcher.hold('mail');
    const id = await app.sendForm();
    await held.reached;
    const consumesAgain = worker.nextLine(CONSUMING);
    line.cut();
    await consumesAgain;
    await app.probe();
    held.letGo();
    await app.waitForState(id, 'sent');
    expect(await app.showMail(id)).toMatchObject({ attempts: [{ number: 1 }] });
    expect(app.catcher.subjects).toEqual(['Probe 1', 'Probe 2', 'Your Feedback']);
    expect(await worker.stop()).toBe(0);
    expect(await app.messageCount()).toBe(0);
  });

  it('gives the message of a mail that is being sent to another worker, that one waits for the lease', async () => {
    const line = await app.proxyTo('broker');
    const slow = await app.startWorker({ WORKER_NAME: 'slow@test', BROKER_URL: line.url });
    const held = app.catcher.hold('mail');
    const id = await app.sendForm();
    await held.reached;
    const other = await app.startWorker({ WORKER_NAME: 'other@test' });
    line.refuse();
    // Handed back until the lease may have run out, again and again: it is kept alive.
    await app.until(`SELECT 1 FROM task WHERE wait_reason = 'lease' AND generation >= 2`);
    held.letGo();
    await app.waitForState(id, 'sent');
    await app.until(NOTHING_WAITS_IN_THE_OUTBOX);
    await app.probe();
    expect(await app.showMail(id)).toMatchObject({ attempts: [{ number: 1, worker: 'slow@test' }] });
    expect(app.catcher.received).toHaveLength(2);
    expect([await other.stop(), await slow.stop()]).toEqual([0, 0]);
    expect(await app.messageCount()).toBe(0);
  });

  it('drops connections again and again under load, every mail is sent once', async () => {
    const line = await app.proxyTo('broker');
    await app.startWeb({ BROKER_URL: line.url });
    const workers = await Promise.all(
      ['first@test', 'second@test'].map((name) => app.startWorker({ WORKER_NAME: name, BROKER_URL: line.url })),
    );
    const load = app.sendMany(200);
    for (const count of [40, 80, 120, 160]) {
      await load.reached(count);
      line.cut();
    }
    await load.done;
    await expectAllSent(app, load);
    expect([...load.answers]).toEqual([[303, 200]]);
    expect(await Promise.all(workers.map((worker) => worker.stop()))).toEqual([0, 0]);
  });

  it('loses the queue with mails in it, they are brought back', async () => {
    const worker = await app.startWorker({ RECONCILE_AFTER: '1', WORKER_CONCURRENCY: '1' });
    const held = app.catcher.hold('recipient');
    const sending = await app.sendForm();
    await held.reached;
    const load = app.sendMany(80);
    await load.done;
    await app.until(NOTHING_WAITS_IN_THE_OUTBOX);
    // One is being sent, some are in the prefetch, the rest is in the queue.
    const consumesAgain = worker.nextLine(CONSUMING);
    await channel.deleteQueue('mail');
    await consumesAgain;
    held.letGo();
    await app.waitForState(sending, 'sent');
    await app.allEnded();
    expect(app.catcher.subjects).toEqual([...load.subjects, 'Your Feedback']);
    expect(await worker.stop()).toBe(0);
    expect(await app.messageCount()).toBe(0);
  });

  it('loses the exchange, which closes the channel that publishes, mails are sent all the same', async () => {
    const worker = await app.startWorker();
    await channel.deleteExchange('mail');
    const load = app.sendMany(20);
    await load.done;
    await expectAllSent(app, load);
    expect([...load.answers]).toEqual([[303, 20]]);
    expect(await worker.stop()).toBe(0);
  });

  it('has no way from the exchange to the queue, the message waits and the way is made again', async () => {
    const worker = await app.startWorker();
    await channel.unbindQueue('mail', 'mail', 'mail');
    const id = await app.sendForm();
    await app.waitForState(id, 'sent');
    expect(app.catcher.received).toHaveLength(1);
    expect(await worker.stop()).toBe(0);
  });

  it('delivers a message several times, its mail goes out once', async () => {
    const id = await app.sendForm();
    let message = await channel.get('mail');
    while (message === false) message = await channel.get('mail');
    const { content, properties } = message;
    channel.ack(message);
    for (let copy = 0; copy < 3; copy += 1) {
      const headers = { ...properties.headers, 'celeriac-generation': { '!': 'int32', value: 0 } };
      channel.publish('mail', 'mail', content, { ...properties, headers });
    }
    const worker = await app.startWorker();
    await app.waitForState(id, 'sent');
    await app.probe();
    expect(app.catcher.subjects).toEqual(['Probe 1', 'Your Feedback']);
    expect(await worker.stop()).toBe(0);
    expect(await app.messageCount()).toBe(0);
  });
});
