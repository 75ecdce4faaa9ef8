import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RabbitMqBroker, taskTopology, type Delivery, type Publication } from '@celeriac/tasks';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { TcpProxy } from '../fixtures/tcp-proxy.js';
import { untilReady } from '../fixtures/until-ready.js';
import { createTestVhost } from '../services/index.js';

const silent = { log: () => undefined, warn: () => undefined };

function publication(id: string, change: Partial<Publication> = {}): Publication {
  return {
    exchange: 'mail',
    routingKey: 'mail',
    message: {
      properties: { contentType: 'application/json', contentEncoding: 'utf-8', deliveryMode: 2, messageId: id },
      headers: { id, task: 'test.task', retries: 300, timelimit: [300, null], 'celeriac-generation': 5 },
      body: Buffer.from('[[],{},{}]'),
    },
    ...change,
  };
}

describe('RabbitMQ', () => {
  let vhost: Awaited<ReturnType<typeof createTestVhost>>;
  let raw: ChannelModel;
  let channel: Channel;
  let broker: RabbitMqBroker;
  let proxy: TcpProxy;

  beforeAll(async () => {
    vhost = await createTestVhost();
    raw = await connect(vhost.brokerUrl);
    channel = await raw.createChannel();
    proxy = await TcpProxy.to(vhost.brokerUrl);
    const url = new URL(vhost.brokerUrl);
    url.port = String(proxy.port);
    broker = new RabbitMqBroker({ urls: [url.toString()], topology: taskTopology(['mail']), log: silent });
    await untilReady(broker);
  });

  afterAll(async () => {
    await broker.close();
    await proxy.close();
    await raw.close();
    await vhost.drop();
  });

  /** Consumes until so many deliveries have come. */
  function take(count: number, prefetch = 100): Promise<{ deliveries: Delivery[]; close(): Promise<void> }> {
    const deliveries: Delivery[] = [];
    return new Promise((resolve) => {
      const consumer = broker.consume({
        queue: 'mail',
        prefetch,
        onDelivery: (delivery) => {
          deliveries.push(delivery);
          if (deliveries.length === count) resolve({ deliveries, close: () => consumer.close() });
        },
      });
    });
  }

  it('has a quorum queue that a Celery client could declare the exchange of', async () => {
    await channel.assertExchange('mail', 'direct', { durable: true });
    const { messageCount } = await channel.checkQueue('mail');
    expect(messageCount).toBe(0);
  });

  it('confirms what a queue took, with whole numbers as int32', async () => {
    expect(await broker.publish(publication('a.5'))).toBe('confirmed');
    const message = await channel.get('mail', { noAck: true });
    if (message === false) throw new Error('The queue is empty.');
    expect(message.properties).toMatchObject({ messageId: 'a.5', deliveryMode: 2, contentType: 'application/json' });
    expect(message.properties.headers).toMatchObject({
      retries: 300,
      timelimit: [300, null],
      'celeriac-generation': 5,
    });
    expect(message.content.toString()).toBe('[[],{},{}]');
  });

  it('takes it as done when no queue takes what need not arrive', async () => {
    const nowhere = publication('g.0', { exchange: '', routingKey: 'nowhere', mandatory: false });
    expect(await broker.publish(nowhere)).toBe('confirmed');
    expect(await broker.publish({ ...nowhere, exchange: 'nowhere' })).toBe('confirmed');
  });

  it('declares its topology again when the queue is gone', async () => {
    await channel.deleteQueue('mail');
    expect(await broker.publish(publication('c.0'))).toBe('returned');
    expect(await broker.publish(publication('c.1'))).toBe('confirmed');
    await channel.purgeQueue('mail');
  });

  it("reads a Python user's 64-bit header", async () => {
    // amqplib writes no type L: a message with one is made from its own bytes, l being the same but for the letter.
    const headers = { id: 'e', task: 'test.task', stamp: { '!': 'int64', value: 1_763_683_200_000 } };
    channel.publish('mail', 'mail', Buffer.from('[[],{},{}]'), { headers });
    const { deliveries, close } = await take(1);
    expect(deliveries[0]?.message.headers).toMatchObject({ stamp: 1_763_683_200_000 });
    deliveries[0]?.ack();
    await close();
  });

  it('consumes and publishes again after its connections were cut', async () => {
    const waiting = new Map<string, () => void>();
    const arrival = (id: string): Promise<void> => new Promise((resolve) => waiting.set(id, resolve));
    const [first, second] = [arrival('f.0'), arrival('f.1')];
    const consumer = broker.consume({
      queue: 'mail',
      prefetch: 10,
      onDelivery: (delivery) => {
        waiting.get(delivery.message.properties.messageId ?? '')?.();
        delivery.ack();
      },
    });
    await broker.publish(publication('f.0'));
    await first;
    const back = new Promise<void>((resolve) => broker.onReady(resolve));
    proxy.cut();
    await back;
    expect(await broker.publish(publication('f.1'))).toBe('confirmed');
    await second;
    await consumer.close();
  });

  it('consumes again after its queue was deleted under load, whether RabbitMQ ends the consumer or forgets it', async () => {
    const waiting = new Map<string, () => void>();
    const consumer = broker.consume({
      queue: 'mail',
      prefetch: 50,
      onDelivery: (delivery) => {
        waiting.get(delivery.message.properties.messageId ?? '')?.();
        delivery.ack();
      },
    });
    const over = new AbortController();
    // RabbitMQ may close the publisher's channel or link when the queue goes: then it is tried again.
    const publish = (id: string) =>
      broker.publish(publication(id)).catch(() => (over.signal.aborted ? undefined : untilReady(broker)));
    const load = Array.from({ length: 20 }, async (_, lane) => {
      for (let n = 0; !over.signal.aborted; n += 1) await publish(`load.${lane}.${n}`);
    });
    try {
      for (const id of ['g.1', 'g.2', 'g.3', 'g.4', 'g.5']) {
        const arrived = new Promise<void>((resolve) => waiting.set(id, resolve));
        await channel.deleteQueue('mail');
        while ((await publish(id)) !== 'confirmed');
        await arrived;
      }
    } finally {
      over.abort();
      await Promise.all(load);
      await consumer.close();
    }
  });
});
