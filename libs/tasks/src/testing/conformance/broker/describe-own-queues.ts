import type { Topology } from '../../../broker/topology.js';
import type { TestFramework } from '../test-framework.js';
import type { BrokerFixture } from './broker-fixture.js';

/** Says what becomes of a queue that a consumer brings along. */
export function describeOwnQueues({ describe, it, expect }: TestFramework, fixture: BrokerFixture): void {
  describe('a consumer that declares its own queue', () => {
    const exchange = (): string => `${fixture.queue}.all`;
    const topology = (queue: string): Topology => ({
      exchanges: [{ name: exchange(), type: 'fanout' }],
      queues: [{ name: queue, type: 'quorum', arguments: { 'x-expires': 60_000 } }],
      bindings: [{ exchange: exchange(), queue }],
    });
    const consume = async (name: string) => {
      const queue = `${fixture.queue}.${name}`;
      const reader = fixture.consume({ queue, topology: topology(queue) });
      while (!reader.consumer.active) await new Promise((resolve) => setImmediate(resolve));
      return reader;
    };
    const publish = (name: string) =>
      fixture.broker.publish(fixture.publication(name, { exchange: exchange(), routingKey: '', mandatory: false }));

    it('gets what is sent from then on, and so does each other one', async () => {
      expect(await publish('before the first')).toEqual('confirmed');
      const first = await consume('first');
      await publish('1');
      const second = await consume('second');
      await publish('2');
      expect(await first.until(2)).toEqual(['1', '2']);
      expect(await second.until(1)).toEqual(['2']);
    });

    it('finds in it what was sent while it was away', async () => {
      const { consumer, deliveries, until } = await consume('own');
      await publish('1');
      await until(1);
      deliveries[0]?.ack();
      await consumer.close();
      await publish('2');
      const again = await consume('own');
      await publish('3');
      expect(await again.until(2)).toEqual(['2', '3']);
    });

    it('is refused at once if that does not fit what is there', async () => {
      const { queue } = fixture;
      const classic: Topology = { exchanges: [], queues: [{ name: queue, type: 'classic' }], bindings: [] };
      const consumed = Promise.resolve().then(() => fixture.consume({ queue, topology: classic }));
      const refused = await consumed.catch((error: unknown) => error);
      expect(refused).toMatchObject({ name: 'InvalidTopologyError', declaration: `Queue "${queue}"` });
    });
  });
}
