import type { Broker } from '../../../broker/broker.js';
import type { Topology } from '../../../broker/topology.js';
import type { TestFramework } from '../test-framework.js';
import { BrokerFixture, nameOf } from './broker-fixture.js';
import { describeBrowsing } from './describe-browsing.js';
import { describeOwnQueues } from './describe-own-queues.js';
import { describePriorities } from './describe-priorities.js';
import { describeRouting } from './describe-routing.js';

const PARTS = [
  describePublishing,
  describeConsuming,
  describeAcknowledging,
  describeEnding,
  describeOwnQueues,
  describeBrowsing,
];

/**
 * Says what every {@link Broker} must do, as tests of the given framework.
 *
 * ```ts
 * import * as jest from '@jest/globals';
 *
 * describeBroker('MyBroker', async (topology) => new MyBroker(topology), jest);
 * ```
 *
 * @param make - called for each test; gives it a broker that has the topology's queues, or will have
 */
export function describeBroker(
  name: string,
  make: (topology: Topology) => Promise<Broker>,
  framework: TestFramework,
): void {
  framework.describe(name, () => {
    const fixture = new BrokerFixture(make);
    framework.beforeEach(() => fixture.open());
    framework.afterEach(() => fixture.close());
    for (const describePart of PARTS) describePart(framework, fixture);
  });
  describeRouting(name, make, framework);
  describePriorities(name, make, framework);
}

function describePublishing({ describe, it, expect }: TestFramework, fixture: BrokerFixture): void {
  describe('publishing', () => {
    it('confirms a message that a queue takes, and counts it', async () => {
      expect(await fixture.publish('a', 'b')).toEqual(['confirmed', 'confirmed']);
      expect(await fixture.broker.queueInfo(fixture.queue)).toEqual({ exists: true, messages: 2, consumers: 0 });
      expect(fixture.broker.inFlight).toEqual(0);
    });

    it('says that a queue is not there', async () => {
      const nothing = { exists: false, messages: 0, consumers: 0 };
      expect(await fixture.broker.queueInfo('no.such.queue')).toEqual(nothing);
    });

    it('can be undone: what is ready is dropped, and what was delivered stays', async () => {
      await fixture.publish('a', 'b', 'c');
      const reader = fixture.consume({ prefetch: 1 });
      await reader.until(1);
      await fixture.untilReady(2);
      expect(await fixture.broker.purge(fixture.queue)).toEqual(2);
      expect(await fixture.broker.purge(fixture.queue)).toEqual(0);
      expect(await fixture.broker.purge('no.such.queue')).toEqual(0);
      await reader.consumer.close();
      await fixture.untilReady(1);
    });

    it('says what it talks to', async () => {
      expect(fixture.broker.product === null).toEqual(false);
      expect(fixture.broker.trouble).toEqual(null);
    });

    it('gives back what no queue takes, and only that', async () => {
      const outcomes = await Promise.all([
        fixture.broker.publish(fixture.publication('a')),
        fixture.broker.publish(fixture.publication('b', { routingKey: 'nowhere' })),
        fixture.broker.publish(fixture.publication('c', { exchange: '', routingKey: 'no.such.queue' })),
        fixture.broker.publish(fixture.publication('d', { exchange: '' })),
      ]);
      expect(outcomes).toEqual(['confirmed', 'returned', 'returned', 'confirmed']);
      expect((await fixture.consume().until(2)).toSorted()).toEqual(['a', 'd']);
    });
  });
}

function describeConsuming({ describe, it, expect }: TestFramework, fixture: BrokerFixture): void {
  describe('consuming', () => {
    it('delivers a message as it was published, with where it came from', async () => {
      const { message } = fixture.publication('[[],{"text":"€"},{}]');
      await fixture.broker.publish({ exchange: '', routingKey: fixture.queue, message });
      const { deliveries, until } = fixture.consume();
      await until(1);
      const [delivery] = deliveries;
      expect(delivery).toMatchObject({ queue: fixture.queue, exchange: '', routingKey: fixture.queue });
      expect(delivery).toMatchObject({ redelivered: false, alive: true });
      expect(delivery?.message.properties).toMatchObject(message.properties);
      expect(delivery?.message.headers).toEqual(message.headers);
      expect(delivery?.message.body.equals(message.body)).toEqual(true);
    });

    it('delivers in the order of publishing, to a consumer that was there before as well', async () => {
      const { until } = fixture.consume();
      await fixture.publish('1', '2', '3');
      expect(await until(3)).toEqual(['1', '2', '3']);
    });

    it('holds back what the prefetch does not allow, and delivers one for each acknowledgement', async () => {
      await fixture.publish('1', '2', '3', '4');
      const { deliveries, until } = fixture.consume({ prefetch: 2 });
      expect(await until(2)).toEqual(['1', '2']);
      expect(await fixture.broker.queueInfo(fixture.queue)).toMatchObject({ messages: 2 });
      deliveries[1]?.ack();
      deliveries[1]?.ack();
      expect(await until(3)).toEqual(['1', '2', '3']);
      expect(await fixture.broker.queueInfo(fixture.queue)).toMatchObject({ messages: 1 });
    });

    it('shares a queue between consumers: each message goes to one of them', async () => {
      const [first, second] = [fixture.consume({ prefetch: 1 }), fixture.consume({ prefetch: 1 })];
      await fixture.publish('1', '2', '3');
      await Promise.all([first.until(1), second.until(1)]);
      expect([...(await first.until(1)), ...(await second.until(1))].toSorted()).toEqual(['1', '2']);
      expect(await fixture.broker.queueInfo(fixture.queue)).toMatchObject({ messages: 1 });
    });
  });
}

function describeAcknowledging({ describe, it, expect }: TestFramework, fixture: BrokerFixture): void {
  describe('acknowledging', () => {
    it('forgets just what was acknowledged, in any order', async () => {
      const names = Array.from({ length: 10 }, (_, n) => `${n}`);
      await fixture.publish(...names);
      const { consumer, deliveries, until } = fixture.consume();
      await until(10);
      for (const index of [3, 0, 1, 7, 9, 2]) deliveries[index]?.ack();
      await consumer.close();
      const again = fixture.consume();
      expect((await again.until(4)).toSorted()).toEqual(['4', '5', '6', '8']);
      expect(again.deliveries.every(({ redelivered }) => redelivered)).toEqual(true);
      for (const delivery of again.deliveries) delivery.ack();
      await again.consumer.close();
      await fixture.untilReady(0);
    });

    it('gives a released message back to the front of its queue, and says that it comes again', async () => {
      await fixture.publish('1', '2', '3');
      const { deliveries, until } = fixture.consume({ prefetch: 1 });
      await until(1);
      deliveries[0]?.release();
      await until(2);
      expect(deliveries.map((delivery) => [nameOf(delivery), delivery.redelivered])).toEqual([
        ['1', false],
        ['1', true],
      ]);
      deliveries[1]?.ack();
      expect(await until(3)).toEqual(['1', '1', '2']);
    });

    it('does not give back what was acknowledged, nor the other way round', async () => {
      await fixture.publish('1', '2');
      const { consumer, deliveries, until } = fixture.consume();
      await until(2);
      deliveries[0]?.ack();
      deliveries[0]?.release();
      deliveries[1]?.release();
      deliveries[1]?.ack();
      expect(await until(3)).toEqual(['1', '2', '2']);
      deliveries[2]?.ack();
      await consumer.close();
      await fixture.untilReady(0);
    });
  });
}

function describeEnding({ describe, it, expect }: TestFramework, fixture: BrokerFixture): void {
  describe('a consumer', () => {
    it('that is cancelled gets nothing more; what it has in hand can still be acknowledged', async () => {
      const { consumer, deliveries, until } = fixture.consume({ prefetch: 1 });
      await fixture.publish('1', '2');
      await until(1);
      expect(consumer.active).toEqual(true);
      await consumer.cancel();
      expect(consumer.active).toEqual(false);
      expect(deliveries[0]?.alive).toEqual(true);
      deliveries[0]?.ack();
      await consumer.close();
      expect(deliveries.map(nameOf)).toEqual(['1']);
      expect(await fixture.consume().until(1)).toEqual(['2']);
    });

    it('counts as one of its queue until it is cancelled', async () => {
      await fixture.untilQueue((info) => info.exists && info.consumers === 0);
      const [first, second] = [fixture.consume(), fixture.consume()];
      await fixture.untilQueue(({ consumers }) => consumers === 2);
      await first.consumer.cancel();
      await fixture.untilQueue(({ consumers }) => consumers === 1);
      await second.consumer.close();
      await fixture.untilQueue(({ consumers }) => consumers === 0);
    });

    it('that is closed gives back what it has in hand, in its order; no answer of its counts any more', async () => {
      await fixture.publish('1', '2', '3');
      const first = fixture.consume();
      await first.until(3);
      await first.consumer.close();
      expect(first.deliveries.map(({ alive }) => alive)).toEqual([false, false, false]);
      first.deliveries[0]?.ack();
      first.deliveries[1]?.release();
      await fixture.untilReady(3);
      expect(await fixture.consume().until(3)).toEqual(['1', '2', '3']);
    });
  });
}
