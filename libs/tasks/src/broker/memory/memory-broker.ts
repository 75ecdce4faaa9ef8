import type { Broker, ConsumeOptions, Consumer, Delivery, Publication, PublishOutcome } from '../broker.js';
import { routeMessage } from '../routing.js';
import type { Topology } from '../topology.js';
import { PriorityQueue } from './priority-queue.js';

/**
 * A broker for one process: what RabbitMQ does, without RabbitMQ. It forgets everything when the process ends; the
 * reconciler brings it back from Postgres at the next start.
 */
export class MemoryBroker implements Broker {
  readonly ready = true;
  readonly inFlight = 0;
  private readonly queues: Map<string, MemoryQueue>;

  constructor(private readonly topology: Topology) {
    this.queues = new Map(topology.queues.map(({ name }) => [name, new MemoryQueue(name)]));
  }

  async publish({ exchange, routingKey, mandatory = true, message }: Publication): Promise<PublishOutcome> {
    const queues = routeMessage(this.topology, exchange, routingKey);
    for (const name of queues) this.queue(name).push({ exchange, routingKey, message });
    return queues.length === 0 && mandatory ? 'returned' : 'confirmed';
  }

  /** It is ready from the start: there is nothing to tell. */
  onReady(): void {}

  consume(options: ConsumeOptions): Consumer {
    return this.queue(options.queue).consume(options);
  }

  async messageCount(queue: string): Promise<number | null> {
    return this.queues.get(queue)?.size ?? 0;
  }

  async close(): Promise<void> {}

  private queue(name: string): MemoryQueue {
    const queue = this.queues.get(name);
    if (queue === undefined) throw new RangeError(`There is no queue named ${name}: declare it in the topology.`);
    return queue;
  }
}

class MemoryQueue {
  private readonly ready = new PriorityQueue<Publication>();
  private readonly consumers = new Set<MemoryConsumer>();

  constructor(private readonly name: string) {}

  get size(): number {
    return this.ready.size;
  }

  push(publication: Publication): void {
    this.ready.push(publication, publication.message.properties.priority ?? 0);
    this.deliver();
  }

  consume(options: ConsumeOptions): Consumer {
    const consumer = new MemoryConsumer(options, this);
    this.consumers.add(consumer);
    this.deliver();
    return consumer;
  }

  remove(consumer: MemoryConsumer, unacknowledged: Iterable<Publication>): void {
    this.consumers.delete(consumer);
    for (const publication of unacknowledged) this.push(publication);
  }

  deliver(): void {
    for (const consumer of this.consumers) {
      while (consumer.hasRoom) {
        const publication = this.ready.pop();
        if (publication === undefined) return;
        consumer.accept(this.name, publication);
      }
    }
  }
}

class MemoryConsumer implements Consumer {
  private readonly unacknowledged = new Map<Delivery, Publication>();
  private cancelled = false;
  private closed = false;

  constructor(
    private readonly options: ConsumeOptions,
    private readonly queue: MemoryQueue,
  ) {}

  get active(): boolean {
    return !this.cancelled;
  }

  get hasRoom(): boolean {
    return !this.cancelled && this.unacknowledged.size < this.options.prefetch;
  }

  accept(queue: string, publication: Publication): void {
    const isClosed = (): boolean => this.closed;
    const delivery: Delivery = {
      queue,
      ...publication,
      redelivered: false,
      get alive() {
        return !isClosed();
      },
      ack: () => {
        if (this.unacknowledged.delete(delivery)) this.queue.deliver();
      },
      release: () => {
        if (this.unacknowledged.delete(delivery)) this.queue.push(publication);
      },
    };
    this.unacknowledged.set(delivery, publication);
    // Not in the publisher's turn: a consumer is never called from inside publish().
    queueMicrotask(() => {
      if (!this.closed) this.options.onDelivery(delivery);
    });
  }

  async cancel(): Promise<void> {
    this.cancelled = true;
  }

  async close(): Promise<void> {
    this.cancelled = true;
    this.closed = true;
    this.queue.remove(this, this.unacknowledged.values());
    this.unacknowledged.clear();
  }
}
