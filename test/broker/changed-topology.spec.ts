import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RabbitMqBroker, taskTopology, type Delivery } from '@celeriac/tasks';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { RecordedLog } from '../fixtures/recorded-log.js';
import { publicationTo } from '../fixtures/task-message.js';
import { untilReady } from '../fixtures/until-ready.js';
import { createTestVhost, type TestVhost } from '../services/index.js';

const QUORUM = { 'x-queue-type': 'quorum', 'x-delivery-limit': 20 };

describe('what is there already, and declared otherwise', () => {
  let vhost: TestVhost;
  let raw: ChannelModel;
  let channel: Channel;
  let broker: RabbitMqBroker | undefined;
  let log: RecordedLog;

  beforeEach(async () => {
    vhost = await createTestVhost();
    raw = await connect(vhost.brokerUrl);
    channel = await raw.createChannel();
    log = new RecordedLog();
  });

  afterEach(async () => {
    await broker?.close();
    await raw.close();
    await vhost.drop();
  });

  function start(): RabbitMqBroker {
    broker = new RabbitMqBroker({ urls: [vhost.brokerUrl], topology: taskTopology(['work', 'other']), log });
    return broker;
  }

  /** Consumes a queue, and says when a message has come. */
  function consume(queue: string): (id: string) => Promise<void> {
    const waiting = new Map<string, () => void>();
    const onDelivery = (delivery: Delivery): void => {
      delivery.ack();
      waiting.get(delivery.message.properties.messageId ?? '')?.();
    };
    start().consume({ queue, prefetch: 10, onDelivery });
    return (id) => new Promise((resolve) => waiting.set(id, resolve));
  }

  async function publish(queue: string, id: string): Promise<void> {
    if (broker !== undefined) await untilReady(broker);
    expect(await broker?.publish(publicationTo(queue, id))).toBe('confirmed');
  }

  it('a queue is used as it is, that is said once, and the others are declared', async () => {
    await channel.assertQueue('work', { durable: true, arguments: QUORUM });
    const arrival = consume('work');
    const came = arrival('a.0');
    await publish('work', 'a.0');
    await came;
    await publish('other', 'b.0');
    const vhostName = new URL(vhost.brokerUrl).pathname.slice(1);
    // The publisher and the consumer have both declared it.
    expect(log.warnings).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Queue "work" is there with x-\\S+ \\S+ instead of \\S+, and is used as it is\\. To have it as declared, ` +
            `delete it when it is empty \\(rabbitmqctl delete_queue -p ${vhostName} work\\): it is made anew\\.`,
        ),
      ),
    ]);
  });

  it('a queue that is deleted, as the line says, is made as declared, and consumed', async () => {
    await channel.assertQueue('work', { durable: true, arguments: QUORUM });
    const arrival = consume('work');
    await log.line(/Consuming/);
    const again = log.nextLine(/Consuming/);
    await channel.deleteQueue('work');
    expect(await log.line(/ended the consumer/)).toBe(
      'RabbitMQ ended the consumer of queue "work" (deleted?): consuming it again.',
    );
    await again;
    const came = arrival('a.0');
    await publish('work', 'a.0');
    await came;
    // It would be refused if it were another one.
    const { queues } = taskTopology(['work']);
    const declared = queues.find(({ name }) => name === 'work')?.arguments;
    const limit = { '!': 'int32', value: 1_000_000 };
    await channel.assertQueue('work', {
      durable: true,
      arguments: { ...QUORUM, 'x-delivery-limit': limit, ...declared },
    });
    expect(log.warnings).toHaveLength(2);
  });

  it('an exchange of another type is used as it is', async () => {
    await channel.assertExchange('work', 'topic', { durable: true });
    const arrival = consume('work');
    const came = arrival('a.0');
    await publish('work', 'a.0');
    await came;
    expect(log.warnings).toEqual([
      expect.stringContaining('Exchange "work" is there with type topic instead of direct, and is used as it is.'),
    ]);
  });

  it('a queue that belongs to another connection alone is waited for, and the others work meanwhile', async () => {
    await channel.assertQueue('work', { exclusive: true });
    const arrival = consume('work');
    const consumesOther = new Promise<void>((resolve) => {
      broker?.consume({ queue: 'other', prefetch: 1, onDelivery: (delivery) => resolve(delivery.ack()) });
    });
    const told = await log.line(/Opening the consumer/);
    expect(told).toBe(
      'Queue "work" belongs to another connection alone (exclusive): end that one, or use another name. Opening the ' +
        'consumer of queue "work" again every second.',
    );
    await publish('other', 'b.0');
    await consumesOther;
    const consumes = log.nextLine(/Consuming queue "work"/);
    await channel.deleteQueue('work');
    await consumes;
    const came = arrival('a.0');
    await publish('work', 'a.0');
    await came;
    expect(log.warnings.filter((line) => line === told)).toHaveLength(1);
  });
});
