import type { Broker } from '../../../broker/broker.js';
import type { Topology } from '../../../broker/topology.js';
import type { TestFramework } from '../test-framework.js';
import { BrokerFixture } from './broker-fixture.js';
import { routingEdgeCases } from './routing-edge-cases.js';
import type { RoutingExample } from './routing-example.js';
import { routingExamples } from './routing-examples.js';

/** Says which queues every broker puts a message into. */
export function describeRouting(
  name: string,
  make: (topology: Topology) => Promise<Broker>,
  { describe, it, expect }: TestFramework,
): void {
  const itRoutes = (title: string, example: RoutingExample): unknown =>
    it(title, async () => {
      const fixture = new BrokerFixture(make);
      await fixture.open(example.topology);
      try {
        expect(await publishAll(fixture, example)).toEqual(example.messages.map(outcomeOf));
        for (const { name: queue } of example.topology.queues) {
          expect({ queue, names: await namesIn(fixture, queue) }).toEqual({ queue, names: namesFor(example, queue) });
        }
      } finally {
        await fixture.close();
      }
    });

  describe(`${name}, routing`, () => {
    for (const example of routingExamples) itRoutes(`by a ${example.name} exchange`, example);
    for (const example of routingEdgeCases) itRoutes(`by a ${example.name} exchange, in odd cases`, example);
  });
}

const LAST = 'last';

function outcomeOf({ queues }: RoutingExample['messages'][number]): string {
  return queues.length === 0 ? 'returned' : 'confirmed';
}

function namesFor({ messages }: RoutingExample, queue: string): string[] {
  return messages.flatMap(({ queues }, index) => (queues.includes(queue) ? [`${index}`] : []));
}

async function publishAll(fixture: BrokerFixture, { exchange, messages }: RoutingExample): Promise<string[]> {
  const outcomes: string[] = [];
  for (const [index, { routingKey, headers = {} }] of messages.entries()) {
    const publication = fixture.publication(`${index}`, { exchange, routingKey });
    outcomes.push(await fixture.broker.publish({ ...publication, message: { ...publication.message, headers } }));
  }
  return outcomes;
}

/** All that is in the queue: what comes before a message that is sent to it by its name. */
async function namesIn(fixture: BrokerFixture, queue: string): Promise<string[]> {
  await fixture.broker.publish(fixture.publication(LAST, { exchange: '', routingKey: queue }));
  const { consumer, deliveries, until } = fixture.consume({ queue });
  let names: string[] = [];
  while (names.at(-1) !== LAST) names = await until(names.length + 1);
  for (const delivery of deliveries) delivery.ack();
  await consumer.close();
  return names.slice(0, -1);
}
