import type { Broker } from '../../../broker/broker.js';
import { taskTopology, type Topology } from '../../../broker/topology.js';
import type { TestFramework } from '../test-framework.js';
import { BrokerFixture } from './broker-fixture.js';

const QUEUE = { name: 'conformance.priorities', maxPriority: 5 };

/** Says in which order every broker delivers what is in a queue with priorities. */
export function describePriorities(
  name: string,
  make: (topology: Topology) => Promise<Broker>,
  { describe, it, expect }: TestFramework,
): void {
  describe(`${name}, a queue with priorities`, () => {
    it('delivers higher ones first, equal ones in the order in which they came; none is 0', async () => {
      const fixture = new BrokerFixture(make);
      await fixture.open(taskTopology([QUEUE]));
      try {
        await publish(fixture, { low: 0, none: undefined, highest: 5, middle: 3, beyond: 200, 'low too': 0 });
        const { deliveries, until } = fixture.consume({ queue: QUEUE.name });
        expect(await until(6)).toEqual(['highest', 'beyond', 'middle', 'low', 'none', 'low too']);
        for (const delivery of deliveries) delivery.ack();
      } finally {
        await fixture.close();
      }
    });

    it('delivers a higher one that comes later before those that no consumer has yet', async () => {
      const fixture = new BrokerFixture(make);
      await fixture.open(taskTopology([QUEUE]));
      try {
        await publish(fixture, { first: 0, second: 0 });
        const { deliveries, until } = fixture.consume({ queue: QUEUE.name, prefetch: 1 });
        await until(1);
        await publish(fixture, { urgent: 4 });
        deliveries[0]?.ack();
        expect(await until(2)).toEqual(['first', 'urgent']);
        deliveries[1]?.ack();
        expect(await until(3)).toEqual(['first', 'urgent', 'second']);
        deliveries[2]?.ack();
      } finally {
        await fixture.close();
      }
    });
  });
}

/** One after the other. */
async function publish(fixture: BrokerFixture, priorities: Record<string, number | undefined>): Promise<void> {
  for (const [name, priority] of Object.entries(priorities)) {
    const { message, ...publication } = fixture.publication(name, { exchange: '', routingKey: QUEUE.name });
    const properties = priority === undefined ? message.properties : { ...message.properties, priority };
    await fixture.broker.publish({ ...publication, message: { ...message, properties } });
  }
}
