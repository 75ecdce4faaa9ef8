import type {
  Broker,
  ConsumeOptions,
  Consumer,
  Delivery,
  Publication,
  PublishOutcome,
  QueueInfo,
} from '../../../broker/broker.js';
import { mergeTopologies, taskTopology, type Topology } from '../../../broker/topology.js';

/** A delivery, as far as tests tell them apart. */
export function nameOf({ message }: Delivery): string {
  return message.body.toString();
}

/** A consumer, and what has come to it. */
export interface Reader {
  consumer: Consumer;
  deliveries: Delivery[];
  /** Resolves when so many deliveries have come. @returns their names, all of them */
  until(count: number): Promise<string[]>;
}

/** What each test of a broker begins with: a broker that is ready, with an empty queue of its own. */
export class BrokerFixture {
  private static count = 0;
  broker!: Broker;
  queue = '';

  constructor(private readonly make: (topology: Topology) => Promise<Broker>) {}

  /** @param own - what the broker has beside the queue */
  async open(own: Partial<Topology> = {}): Promise<void> {
    this.queue = `conformance.${(BrokerFixture.count += 1)}`;
    const broker = await this.make(mergeTopologies(taskTopology([this.queue]), own));
    await new Promise<void>((resolve) => (broker.ready ? resolve() : broker.onReady(resolve)));
    this.broker = broker;
  }

  close(): Promise<void> {
    return this.broker.close();
  }

  publication(name: string, change: Partial<Publication> = {}): Publication {
    const properties = { contentType: 'application/json', messageId: name, deliveryMode: 2 as const };
    const message = { properties, headers: { task: 'test.task', retries: 0 }, body: Buffer.from(name) };
    return { exchange: this.queue, routingKey: this.queue, message, ...change };
  }

  /** One after the other, so that it is known which came first. */
  async publish(...names: string[]): Promise<PublishOutcome[]> {
    const outcomes: PublishOutcome[] = [];
    for (const name of names) outcomes.push(await this.broker.publish(this.publication(name)));
    return outcomes;
  }

  consume({ prefetch = 100, queue = this.queue, topology }: Partial<ConsumeOptions> = {}): Reader {
    const deliveries: Delivery[] = [];
    let arrived = (): void => undefined;
    const onDelivery = (delivery: Delivery): void => {
      deliveries.push(delivery);
      arrived();
    };
    const consumer = this.broker.consume({ queue, prefetch, topology, onDelivery });
    const until = async (count: number): Promise<string[]> => {
      while (deliveries.length < count) await new Promise<void>((resolve) => (arrived = resolve));
      return deliveries.map(nameOf);
    };
    return { consumer, deliveries, until };
  }

  /** Resolves when so many messages are ready in the queue: the broker may not know yet what was given back. */
  untilReady(count: number): Promise<void> {
    return this.untilQueue((info) => info.messages === count);
  }

  /** Resolves when the queue is so: the broker may not know yet what a consumer has just said. */
  async untilQueue(isSo: (info: QueueInfo) => boolean): Promise<void> {
    for (;;) {
      const info = await this.broker.queueInfo(this.queue);
      if (info !== null && isSo(info)) return;
    }
  }
}
