import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RabbitMqBroker, taskTopology, type Publication } from '@celeriac/tasks';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { untilReady } from '../fixtures/until-ready.js';
import { createTestVhost, type TestVhost } from '../services/index.js';

describe('a route that is not ours', () => {
  let vhost: TestVhost;
  let raw: ChannelModel;
  let channel: Channel;
  let broker: RabbitMqBroker;
  const warnings: string[] = [];

  beforeAll(async () => {
    vhost = await createTestVhost();
    raw = await connect(vhost.brokerUrl);
    channel = await raw.createChannel();
    const log = { log: () => undefined, warn: (message: string) => void warnings.push(message) };
    broker = new RabbitMqBroker({ urls: [vhost.brokerUrl], topology: taskTopology(['mail']), log });
    await untilReady(broker);
  });

  afterAll(async () => {
    await broker.close();
    await raw.close();
    await vhost.drop();
  });

  let count = 0;

  function publish(exchange: string, routingKey: string): ReturnType<RabbitMqBroker['publish']> {
    const messageId = `m.${(count += 1)}`;
    const message: Publication['message'] = { properties: { messageId }, headers: {}, body: Buffer.from('[]') };
    return broker.publish({ exchange, routingKey, message });
  }

  it('is told of once while nothing is there, and is not declared', async () => {
    const outcomes = [await publish('', 'python'), await publish('', 'python'), await publish('', 'python')];
    expect(outcomes).toEqual(['returned', 'returned', 'returned']);
    expect(warnings.filter((warning) => warning.includes('routing key "python"'))).toHaveLength(1);
    await channel.assertQueue('python', { durable: true });
    expect(await publish('', 'python')).toBe('confirmed');
  });

  it('does not disturb what is in flight when its exchange is not there, and is used once it is', async () => {
    const outcomes = await Promise.all([
      publish('mail', 'mail'),
      publish('shop', 'bill'),
      publish('mail', 'mail'),
      publish('shop', 'bill'),
    ]);
    expect(outcomes).toEqual(['confirmed', 'returned', 'confirmed', 'returned']);
    expect(warnings.filter((warning) => /There is no exchange|channel/.test(warning))).toEqual([]);
    await channel.assertExchange('shop', 'topic', { durable: true });
    await channel.assertQueue('bills', { durable: true });
    expect(await publish('shop', 'bill')).toBe('returned');
    await channel.bindQueue('bills', 'shop', '#');
    expect(await publish('shop', 'bill')).toBe('confirmed');
  });
});
