import { describe, expect, it } from '@jest/globals';
import type { Delivery, Publication } from '../broker.js';
import { taskTopology } from '../topology.js';
import { MemoryBroker } from './memory-broker.js';

/** Lets the broker deliver what it can. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function publication(name: string, priority?: number): Publication {
  const properties = priority === undefined ? {} : { priority };
  return { exchange: 'a', routingKey: 'a', message: { properties, headers: {}, body: Buffer.from(name) } };
}

function setUp() {
  const broker = new MemoryBroker(taskTopology([{ name: 'a', maxPriority: 10 }]));
  const consume = (prefetch = 10) => {
    const deliveries: Delivery[] = [];
    const consumer = broker.consume({ queue: 'a', prefetch, onDelivery: (delivery) => deliveries.push(delivery) });
    return { consumer, deliveries, names: () => deliveries.map(({ message }) => message.body.toString()) };
  };
  return { broker, consume };
}

describe('the memory broker, beside what every broker does', () => {
  it('returns a message for an exchange that is not there', async () => {
    await expect(setUp().broker.publish({ ...publication('x'), exchange: 'missing' })).resolves.toBe('returned');
  });

  it('never calls a consumer from inside publish()', async () => {
    const { broker, consume } = setUp();
    const { deliveries } = consume();
    void broker.publish(publication('x'));
    expect(deliveries).toEqual([]);
    await turn();
    expect(deliveries).toHaveLength(1);
  });

  it('delivers by priority, none counting as 0, and equal ones in the order that they came', async () => {
    const { broker, consume } = setUp();
    for (const [name, priority] of [['low', 0], ['none'], ['high', 9], ['middle', 5], ['high too', 9]] as const) {
      await broker.publish(publication(name, priority));
    }
    const { names } = consume();
    await turn();
    expect(names()).toEqual(['high', 'high too', 'middle', 'low', 'none']);
  });

  it('delivers in their order what comes to a queue without priorities', async () => {
    const broker = new MemoryBroker(taskTopology(['a']));
    for (const [name, priority] of [
      ['low', 0],
      ['high', 9],
    ] as const) {
      await broker.publish(publication(name, priority));
    }
    const names: string[] = [];
    broker.consume({ queue: 'a', prefetch: 9, onDelivery: ({ message }) => names.push(message.body.toString()) });
    await turn();
    expect(names).toEqual(['low', 'high']);
  });

  it('puts a released message before those of its own priority, and not before higher ones', async () => {
    const { broker, consume } = setUp();
    await broker.publish(publication('low', 0));
    const { deliveries, names } = consume(1);
    await turn();
    await broker.publish(publication('low too', 0));
    await broker.publish(publication('high', 9));
    deliveries[0]?.release();
    await turn();
    deliveries[1]?.ack();
    await turn();
    expect(names()).toEqual(['low', 'high', 'low']);
  });

  it('refuses to consume a queue that is not in the topology', () => {
    const { broker } = setUp();
    const options = { queue: 'missing', prefetch: 1, onDelivery: () => undefined };
    expect(() => broker.consume(options)).toThrow(/no queue named missing/);
  });

  it('gives a message back that was on its way to a consumer that closes, and delivers it no more', async () => {
    const { broker, consume } = setUp();
    const { consumer, deliveries } = consume();
    const published = broker.publish(publication('1'));
    await consumer.close();
    await published;
    await turn();
    expect(deliveries).toEqual([]);
    await expect(broker.queueInfo('a')).resolves.toMatchObject({ messages: 1 });
  });
});
