import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RabbitMqBroker, taskTopology, type Delivery } from '@celeriac/tasks';
import { connect } from 'amqplib';
import { RecordedLog } from '../fixtures/recorded-log.js';
import { publicationTo } from '../fixtures/task-message.js';
import { untilActive } from '../fixtures/until-active.js';
import { untilReady } from '../fixtures/until-ready.js';
import { RabbitMqNode } from '../services/index.js';

/** Only the channel is refused: connection, and other channels, go on. */
describe('RabbitMQ closes a channel', () => {
  let node: RabbitMqNode;
  let broker: RabbitMqBroker;
  let log: RecordedLog;

  beforeAll(async () => {
    node = await RabbitMqNode.start();
  });

  afterEach(() => broker.close());

  afterAll(() => node.destroy());

  async function start({ username = 'guest', password = 'guest', patienceMs = 30_000 } = {}): Promise<void> {
    log = new RecordedLog();
    const url = Object.assign(new URL(node.brokerUrl), { username, password }).toString();
    broker = new RabbitMqBroker({ urls: [url], topology: taskTopology(['work', 'other']), log, patienceMs });
    await untilReady(broker);
  }

  function firstOf(queue: string): Promise<Delivery> {
    return new Promise((resolve) => broker.consume({ queue, prefetch: 1, onDelivery: resolve }));
  }

  it('of a consumer that does not acknowledge in time: the message comes again', async () => {
    // Before its channel is opened, and looked at every 500 ms.
    const limitMs = (ms: number): string =>
      `application:set_env(rabbit, consumer_timeout, ${ms}), application:set_env(rabbit, channel_tick_interval, 500).`;
    await node.ctl('eval', limitMs(1000));
    await start();
    const deliveries: Delivery[] = [];
    const again = new Promise<Delivery>((resolve) => {
      const onDelivery = (delivery: Delivery): void => {
        if (deliveries.push(delivery) === 2) resolve(delivery);
      };
      broker.consume({ queue: 'work', prefetch: 1, onDelivery });
    });
    await log.line(/Consuming queue "work"/);
    await node.ctl('eval', limitMs(1_800_000));
    await broker.publish(publicationTo('work', 'slow'));
    await broker.publish(publicationTo('other', 'fine'));
    const fine = await firstOf('other');
    const redelivered = await again;
    redelivered.ack();
    expect(redelivered).toMatchObject({ redelivered: true, alive: true });
    expect(deliveries[0]?.alive).toBe(false);
    expect(fine.alive).toBe(true);
    fine.ack();
    expect(log.warnings).toEqual([
      'RabbitMQ waited 1000 ms for an acknowledgement, its consumer_timeout, and takes back what it delivered: raise that ' +
        'in rabbitmq.conf (30 minutes are enough). Opening the consumer of queue "work" again every second.',
    ]);
  });

  it('of the publisher, whose exchange is gone: consumers go on, and the exchange is made again', async () => {
    await start();
    const delivered = firstOf('other');
    await broker.publish(publicationTo('other', 'held'));
    const { alive } = await delivered;
    expect(alive).toBe(true);
    const raw = await connect(node.brokerUrl);
    const channel = await raw.createChannel();
    await channel.deleteExchange('work');
    await raw.close();
    const ready = new Promise<void>((resolve) => broker.onReady(resolve));
    await expect(broker.publish(publicationTo('work', 'a'))).rejects.toThrow('The broker is away');
    await ready;
    expect(await broker.publish(publicationTo('work', 'a'))).toBe('confirmed');
    const delivery = await delivered;
    expect(delivery.alive).toBe(true);
    delivery.ack();
    expect(log.warnings).toEqual([
      'There is no exchange "work" in virtual host "/". Opening the publisher again every second.',
    ]);
  });

  it('of a consumer that has no permission: that is broken after a while, and works when it has', async () => {
    await node.ctl('add_user', 'ann', 'secret');
    await node.ctl('set_permissions', 'ann', '.*', '.*', '');
    await start({ username: 'ann', password: 'secret', patienceMs: 1000 });
    let onBroken: (reason: string) => void = () => undefined;
    const broken = new Promise<string>((resolve) => (onBroken = resolve));
    const consumer = broker.consume({ queue: 'work', prefetch: 1, onDelivery: () => undefined, onBroken });
    const why = await broken;
    expect(why).toMatch(/^User "ann" has no permission for this with queue "work" in virtual host "\/": allow it/);
    expect(consumer.trouble).toBe(why);
    const consumes = log.nextLine(/Consuming queue/);
    await node.ctl('set_permissions', 'ann', '.*', '.*', '.*');
    await consumes;
    await untilActive(consumer);
    expect(consumer.trouble).toBeNull();
  });
});
