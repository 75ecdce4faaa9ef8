import { describe, expect, it } from '@jest/globals';
import type { Delivery, Publication } from '../broker.js';
import { taskTopology } from '../topology.js';
import { MemoryBroker } from './memory-broker.js';

/** Lets the broker deliver what it can. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function publication(name: string, priority?: number, queue = 'a'): Publication {
  const properties = priority === undefined ? {} : { priority };
  return { exchange: queue, routingKey: queue, message: { properties, headers: {}, body: Buffer.from(name) } };
}

function setUp() {
  const broker = new MemoryBroker(taskTopology(['a', 'b']));
  const publish = (...names: string[]) => Promise.all(names.map((name) => broker.publish(publication(name))));
  const consume = (prefetch = 10, queue = 'a') => {
    const deliveries: Delivery[] = [];
    const consumer = broker.consume({ queue, prefetch, onDelivery: (delivery) => deliveries.push(delivery) });
    return { consumer, deliveries, names: () => deliveries.map(({ message }) => message.body.toString()) };
  };
  return { broker, publish, consume };
}

describe('publishing', () => {
  it('confirms a message that a queue takes, and counts it', async () => {
    const { broker } = setUp();
    await expect(broker.publish(publication('x'))).resolves.toBe('confirmed');
    await expect(broker.messageCount('a')).resolves.toBe(1);
    await expect(broker.messageCount('b')).resolves.toBe(0);
    await expect(broker.messageCount('missing')).resolves.toBe(0);
  });

  it.each([
    ['an unknown exchange', 'missing', 'a'],
    ['an unknown key', 'a', 'missing'],
    ['a queue that is not there', '', 'missing'],
  ])('returns a message with %s', async (_what, exchange, routingKey) => {
    const { broker } = setUp();
    await expect(broker.publish({ ...publication('x'), exchange, routingKey })).resolves.toBe('returned');
  });

  it('never calls a consumer from inside publish()', async () => {
    const { broker, consume } = setUp();
    const { deliveries } = consume();
    void broker.publish(publication('x'));
    expect(deliveries).toEqual([]);
    await turn();
    expect(deliveries).toHaveLength(1);
  });
});

describe('consuming', () => {
  it('delivers the message with where it came from', async () => {
    const { broker, consume } = setUp();
    const { deliveries } = consume();
    const { message } = publication('x');
    await broker.publish({ exchange: '', routingKey: 'a', message });
    await turn();
    expect(deliveries).toEqual([
      {
        queue: 'a',
        exchange: '',
        routingKey: 'a',
        redelivered: false,
        message,
        alive: true,
        ack: expect.any(Function),
        release: expect.any(Function),
      },
    ]);
  });

  it('delivers only what is in its own queue', async () => {
    const { broker, consume } = setUp();
    const { names } = consume(10, 'b');
    await broker.publish(publication('for a', undefined, 'a'));
    await broker.publish(publication('for b', undefined, 'b'));
    await turn();
    expect(names()).toEqual(['for b']);
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

  it('holds back what the prefetch does not allow, and delivers one for each acknowledgement', async () => {
    const { broker, publish, consume } = setUp();
    const { deliveries, names } = consume(2);
    await publish('1', '2', '3', '4');
    await turn();
    expect(names()).toEqual(['1', '2']);
    await expect(broker.messageCount('a')).resolves.toBe(2);

    deliveries[1]?.ack();
    await turn();
    expect(names()).toEqual(['1', '2', '3']);
    deliveries[1]?.ack();
    await turn();
    expect(names()).toEqual(['1', '2', '3']);
  });

  it('shares a queue between consumers: each message goes to one of them', async () => {
    const { publish, consume } = setUp();
    const [first, second] = [consume(1), consume(1)];
    await publish('1', '2', '3');
    await turn();
    expect([...first.names(), ...second.names()]).toEqual(['1', '2']);
  });

  it('refuses to consume a queue that is not in the topology', () => {
    expect(() => setUp().consume(1, 'missing')).toThrow(/no queue named missing/);
  });
});

describe('cancel', () => {
  it('stops deliveries; those in hand can still be acknowledged', async () => {
    const { broker, publish, consume } = setUp();
    const { consumer, deliveries, names } = consume(1);
    await publish('1', '2');
    await turn();
    expect(consumer.active).toBe(true);
    await consumer.cancel();
    expect(consumer.active).toBe(false);
    expect(deliveries[0]?.alive).toBe(true);
    deliveries[0]?.ack();
    await turn();
    await consumer.close();
    expect(names()).toEqual(['1']);
    await expect(broker.messageCount('a')).resolves.toBe(1);
  });
});

describe('close', () => {
  it('gives back what is not acknowledged, to whoever consumes next', async () => {
    const { publish, consume } = setUp();
    const first = consume();
    await publish('1', '2', '3');
    await turn();
    first.deliveries[1]?.ack();
    await first.consumer.close();
    expect(first.deliveries.map(({ alive }) => alive)).toEqual([false, false, false]);

    const second = consume();
    await turn();
    expect(second.names()).toEqual(['1', '3']);
    expect(second.deliveries.map(({ alive }) => alive)).toEqual([true, true]);
  });

  it('an acknowledgement that comes afterwards does nothing', async () => {
    const { broker, publish, consume } = setUp();
    const { consumer, deliveries } = consume();
    await publish('1');
    await turn();
    await consumer.close();
    deliveries[0]?.ack();
    await expect(broker.messageCount('a')).resolves.toBe(1);
  });

  it('gives a message back that was on its way, and delivers it no more', async () => {
    const { broker, publish, consume } = setUp();
    const { consumer, deliveries } = consume();
    const published = publish('1');
    await consumer.close();
    await published;
    await turn();
    expect(deliveries).toEqual([]);
    await expect(broker.messageCount('a')).resolves.toBe(1);
  });
});
