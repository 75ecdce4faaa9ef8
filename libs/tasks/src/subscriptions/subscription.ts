import type { Broker, Consumer, Delivery } from '../broker/broker.js';
import type { InputSchema } from '../contract/define-task.js';
import { NaturalBatch } from '../store/natural-batch.js';
import type { Letter, OutboxStore } from '../store/task-store.js';
import { deadLetter } from '../worker/dead-letters.js';
import { readMessage, type ReceivedMessage } from './received-message.js';

/** As many as may be written at a time, while as many gather. */
const DEFAULT_PREFETCH = 200;

/** What a subscriber wants, and what it does. */
export interface SubscriptionOptions<Body> {
  /** One of the topology, bound to what it is to get: see {@link subscriptionTopology}. */
  queue: string;
  /** Of a message's body. */
  schema: InputSchema<Body>;
  /**
   * Remembers the messages of the moment; when it resolves they are acknowledged. One may come again, also if it was
   * remembered: its `id` tells. While Postgres is away it is called again until that is back. What it refuses in another
   * way is tried some times, then alone, and becomes a dead letter.
   */
  handle(messages: Array<ReceivedMessage<Body>>): Promise<void>;
  /** How many messages it may hold at a time. @defaultValue 200 */
  prefetch?: number;
}

/** What a {@link Subscription} is made of. */
export interface SubscriptionParts {
  broker: Broker;
  outbox: Pick<OutboxStore, 'addLetters'>;
  log: { warn(message: string): void; error(message: string): void };
}

/**
 * Listens to a queue. Nothing is acknowledged before it is remembered: by its handler, or, if that cannot take it, as a
 * dead letter.
 */
export class Subscription<Body> {
  private readonly batch: NaturalBatch<ReceivedMessage<Body>, void>;
  private readonly deadLetters: NaturalBatch<Letter, void>;
  private consumer: Consumer | undefined;
  private stopping = false;
  private failing = false;

  constructor(
    private readonly parts: SubscriptionParts,
    private readonly options: SubscriptionOptions<Body>,
  ) {
    this.batch = new NaturalBatch({
      whenAway: 'wait',
      onError: (error) => this.failed(error),
      flush: async (messages) => {
        await options.handle(messages);
        this.failing = false;
        return messages.map(() => undefined);
      },
    });
    this.deadLetters = new NaturalBatch({
      whenAway: 'wait',
      flush: async (letters) => {
        await parts.outbox.addLetters(letters);
        return letters.map(() => undefined);
      },
    });
  }

  start(): void {
    const { queue, prefetch = DEFAULT_PREFETCH } = this.options;
    const onDelivery = (delivery: Delivery): void => void this.receive(delivery);
    this.consumer ??= this.parts.broker.consume({ queue, prefetch, onDelivery });
  }

  /** Waits for what is being written; gives back what is not, when the store is away. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.consumer?.cancel();
    for (const batch of [this.batch, this.deadLetters]) {
      batch.abandon(new Error('The process stops.'));
      await batch.drain();
    }
    await this.consumer?.close();
  }

  private async receive(delivery: Delivery): Promise<void> {
    try {
      await this.remember(delivery);
      delivery.ack();
    } catch (error) {
      // Not acknowledged, it comes again.
      if (!this.stopping)
        this.parts.log.error(`A message in the queue "${this.options.queue}" is stuck: ${String(error)}`);
    }
  }

  private async remember(delivery: Delivery): Promise<void> {
    try {
      await this.batch.add(await readMessage(delivery, this.options.schema));
    } catch (error) {
      if (this.stopping) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      this.parts.log.warn(`Dead letter from queue "${this.options.queue}": ${reason}`);
      await this.deadLetters.add({ message: deadLetter(delivery, reason), mandatory: true });
    }
  }

  /** Said once for each time that it fails. */
  private failed(error: unknown): void {
    const { queue } = this.options;
    if (!this.failing)
      this.parts.log.warn(`Messages in the queue "${queue}" wait, they cannot be taken now: ${String(error)}`);
    this.failing = true;
  }
}
