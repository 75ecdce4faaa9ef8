import type {
  Broker,
  Browser,
  BrowseOptions,
  ConsumeOptions,
  Consumer,
  Delivery,
  Publication,
  PublishOutcome,
  QueueInfo,
} from '../broker.js';
import { checkTopology } from '../check-topology.js';
import { routeMessage } from '../routing.js';
import { mergeTopologies, queueArguments, type QueueDeclaration, type Topology } from '../topology.js';
import { PriorityQueue } from './priority-queue.js';

/**
 * A broker for one process: what RabbitMQ does, without RabbitMQ. It forgets everything when the process ends; the
 * reconciler brings it back from Postgres at the next start.
 */
export class MemoryBroker implements Broker {
  readonly ready: boolean = true;
  readonly inFlight = 0;
  readonly product = 'memory';
  readonly trouble = null;
  private readonly queues = new Map<string, MemoryQueue>();
  private topology: Topology = mergeTopologies();

  /** @throws {@link InvalidTopologyError} */
  constructor(topology: Topology) {
    this.declare(topology);
  }

  async publish({ exchange, routingKey, mandatory = true, message }: Publication): Promise<PublishOutcome> {
    const queues = routeMessage(this.topology, exchange, routingKey, message.headers);
    for (const name of queues) this.queue(name).push({ exchange, routingKey, message });
    return queues.length === 0 && mandatory ? 'returned' : 'confirmed';
  }

  /** It is ready from the start: there is nothing to tell. */
  onReady(): void {}

  consume(options: ConsumeOptions): Consumer {
    if (options.topology !== undefined) this.declare(options.topology);
    return this.queue(options.queue).consume(options);
  }

  async queueInfo(name: string): Promise<QueueInfo> {
    const queue = this.queues.get(name);
    return { exists: queue !== undefined, messages: queue?.size ?? 0, consumers: queue?.consumerCount ?? 0 };
  }

  async browse({ queue, limit, onDelivery }: BrowseOptions): Promise<Browser> {
    const prefetch = Math.min(limit, this.queues.get(queue)?.size ?? 0);
    if (prefetch === 0) return { close: () => Promise.resolve() };
    const held: Delivery[] = [];
    const consumer = await new Promise<Consumer>((resolve) => {
      const made: Consumer = this.consume({
        queue,
        prefetch,
        onDelivery: (delivery) => {
          held.push(delivery);
          if (held.length === prefetch) resolve(made);
        },
      });
    });
    await consumer.cancel();
    held.every((delivery) => onDelivery(delivery));
    return consumer;
  }

  async purge(name: string): Promise<number> {
    return this.queues.get(name)?.purge() ?? 0;
  }

  async close(): Promise<void> {}

  /** What is there already stays as it is. */
  private declare(topology: Topology): void {
    const merged = mergeTopologies(this.topology, topology);
    checkTopology(merged);
    this.topology = merged;
    for (const queue of topology.queues) {
      if (!this.queues.has(queue.name)) this.queues.set(queue.name, new MemoryQueue(queue.name, maxPriorityOf(queue)));
    }
  }

  private queue(name: string): MemoryQueue {
    const queue = this.queues.get(name);
    if (queue === undefined) throw new RangeError(`There is no queue named ${name}: declare it in the topology.`);
    return queue;
  }
}

/** A message in a queue. */
interface Queued {
  publication: Publication;
  redelivered: boolean;
}

class MemoryQueue {
  private readonly ready = new PriorityQueue<Queued>();
  private readonly consumers = new Set<MemoryConsumer>();

  constructor(
    private readonly name: string,
    private readonly maxPriority: number,
  ) {}

  get size(): number {
    return this.ready.size;
  }

  get consumerCount(): number {
    return [...this.consumers].filter(({ active }) => active).length;
  }

  purge(): number {
    const count = this.ready.size;
    while (this.ready.pop() !== undefined);
    return count;
  }

  push(publication: Publication): void {
    this.ready.push({ publication, redelivered: false }, this.priorityOf(publication));
    this.deliver();
  }

  /** To the front, in the order of their delivery. */
  putBack(publications: Publication[]): void {
    for (const publication of publications.toReversed()) {
      this.ready.unshift({ publication, redelivered: true }, this.priorityOf(publication));
    }
    this.deliver();
  }

  consume(options: ConsumeOptions): Consumer {
    const consumer = new MemoryConsumer(options, this);
    this.consumers.add(consumer);
    this.deliver();
    return consumer;
  }

  remove(consumer: MemoryConsumer): void {
    this.consumers.delete(consumer);
  }

  deliver(): void {
    for (const consumer of this.consumers) {
      while (consumer.hasRoom) {
        const queued = this.ready.pop();
        if (queued === undefined) return;
        consumer.accept(this.name, queued);
      }
    }
  }

  /** A higher one than the queue has counts as its highest. */
  private priorityOf({ message }: Publication): number {
    return Math.min(message.properties.priority ?? 0, this.maxPriority);
  }
}

/** 0 for a queue that is not declared with priorities: none counts there. */
function maxPriorityOf(queue: QueueDeclaration): number {
  const { 'x-max-priority': maxPriority = 0 } = queueArguments(queue);
  return Number(maxPriority);
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

  get trouble(): string | null {
    return this.cancelled ? 'It was cancelled.' : null;
  }

  get hasRoom(): boolean {
    return !this.cancelled && this.unacknowledged.size < this.options.prefetch;
  }

  accept(queue: string, { publication, redelivered }: Queued): void {
    const isClosed = (): boolean => this.closed;
    const delivery: Delivery = {
      queue,
      ...publication,
      redelivered,
      get alive() {
        return !isClosed();
      },
      ack: () => {
        if (this.unacknowledged.delete(delivery)) this.queue.deliver();
      },
      release: () => {
        if (this.unacknowledged.delete(delivery)) this.queue.putBack([publication]);
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
    this.queue.remove(this);
    const publications = [...this.unacknowledged.values()];
    this.unacknowledged.clear();
    this.queue.putBack(publications);
  }
}
