import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { AmqpConnectionManager } from 'amqp-connection-manager';
import type { TaskMessage } from '../../protocol/task-message.js';
import type { ConsumeOptions, Consumer, Delivery } from '../broker.js';
import type { Topology } from '../topology.js';
import { AckLedger } from './ack-ledger.js';
import type { BrokerLog } from './broker-log.js';
import { declareTopology } from './declare-topology.js';
import { KeptChannel } from './kept-channel.js';
import { withPatience } from './patience.js';

const LOOK_INTERVAL_MS = 2000;
/** After so many looks in a row at which it starved, a consumer counts as dead. One may fall between two deliveries. */
const DEADLY_LOOKS = 2;

/**
 * Consumes one queue on a channel of its own, and again on each new connection.
 *
 * It looks after itself: when a queue is deleted under load, RabbitMQ at times neither ends its consumers nor attaches
 * them to the queue that is declared in its place, and they would wait on an open channel for ever (tried on 3.10).
 */
export class RabbitMqConsumer implements Consumer {
  private readonly kept: KeptChannel<Channel>;
  private readonly acknowledgers = new WeakMap<Channel, ChannelAcknowledger>();
  private readonly timer: NodeJS.Timeout;
  private consumerTag = '';
  private cancelled = false;
  private deliveredSinceLook = false;
  private looking = false;
  private starvedLooks = 0;

  constructor(
    connection: AmqpConnectionManager,
    private readonly topology: Topology,
    private readonly options: ConsumeOptions,
    private readonly log: BrokerLog,
  ) {
    this.kept = new KeptChannel<Channel>(connection, {
      log,
      create: (model) => model.createChannel(),
      prepare: (channel) => this.prepare(channel),
    });
    this.timer = setInterval(() => void this.look(), LOOK_INTERVAL_MS);
  }

  get active(): boolean {
    return !this.cancelled && this.kept.channel !== undefined;
  }

  async cancel(): Promise<void> {
    this.cancelled = true;
    clearInterval(this.timer);
    await this.kept.settled();
    // A channel that is gone delivers nothing either.
    await withPatience(this.kept.channel?.cancel(this.consumerTag));
  }

  async close(): Promise<void> {
    this.cancelled = true;
    clearInterval(this.timer);
    await this.kept.settled();
    const channel = this.kept.channel;
    if (channel !== undefined) this.acknowledgers.get(channel)?.flush();
    await this.kept.close();
  }

  private async prepare(channel: Channel): Promise<void> {
    if (this.cancelled) return;
    await declareTopology(channel, this.topology);
    // Per consumer, not global: a quorum queue refuses global prefetch.
    await channel.prefetch(this.options.prefetch, false);
    const acknowledger = new ChannelAcknowledger(channel);
    this.acknowledgers.set(channel, acknowledger);
    const { consumerTag } = await channel.consume(this.options.queue, (message) => {
      this.deliveredSinceLook = true;
      if (message === null) this.cancelledByBroker();
      else this.options.onDelivery(new RabbitMqDelivery(this.options.queue, message, acknowledger));
    });
    this.consumerTag = consumerTag;
    this.log.log(`Consuming queue "${this.options.queue}" (prefetch ${this.options.prefetch}).`);
  }

  private cancelledByBroker(): void {
    this.log.warn(`RabbitMQ ended the consumer of queue "${this.options.queue}" (deleted?): consuming it again.`);
    void this.kept.replace();
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    this.starvedLooks = (await this.starves()) ? this.starvedLooks + 1 : 0;
    this.looking = false;
    if (this.starvedLooks < DEADLY_LOOKS || this.cancelled) return;
    this.starvedLooks = 0;
    this.log.warn(`RabbitMQ delivers nothing from queue "${this.options.queue}" any more: consuming it again.`);
    await this.kept.replace();
  }

  /** Whether nothing comes though there is something, and room for it; or the broker knows of no consumer at all. */
  private async starves(): Promise<boolean> {
    const { channel } = this.kept;
    const wasFed = this.deliveredSinceLook;
    this.deliveredSinceLook = false;
    if (channel === undefined || wasFed) return false;
    if ((this.acknowledgers.get(channel)?.openCount ?? 0) >= this.options.prefetch) return false;
    // A queue that is not there closes the channel, and the next one declares it.
    const asked = channel.checkQueue(this.options.queue).then(
      ({ messageCount, consumerCount }) => messageCount > 0 || consumerCount === 0,
      () => false,
    );
    return Promise.race([asked, sleep(LOOK_INTERVAL_MS, true, { ref: false })]);
  }
}

/** What becomes of the deliveries of one channel. */
export interface Acknowledger {
  /** False once the channel is gone. */
  readonly alive: boolean;
  delivered(tag: number): void;
  ack(tag: number): void;
  release(tag: number): void;
}

/** Sends the acknowledgements of one turn together. */
class ChannelAcknowledger implements Acknowledger {
  private readonly ledger = new AckLedger();
  private scheduled = false;
  alive = true;

  constructor(private readonly channel: Channel) {
    channel.once('close', () => (this.alive = false));
  }

  /** How many deliveries the broker waits for the answer to. */
  get openCount(): number {
    return this.ledger.size;
  }

  delivered(tag: number): void {
    this.ledger.delivered(tag);
  }

  ack(tag: number): void {
    this.ledger.settle(tag);
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => this.flush());
  }

  release(tag: number): void {
    // A tag that the broker does not know any more would close the channel.
    if (!this.alive || !this.ledger.release(tag)) return;
    this.send((message) => this.channel.nack(message, false, true), tag);
  }

  flush(): void {
    this.scheduled = false;
    if (!this.alive) return;
    const { upTo, singly } = this.ledger.take();
    if (upTo !== null) this.send((message) => this.channel.ack(message, true), upTo);
    for (const tag of singly) this.send((message) => this.channel.ack(message, false), tag);
  }

  private send(answer: (message: ConsumeMessage) => void, deliveryTag: number): void {
    try {
      // amqplib reads nothing of the message but this.
      answer({ fields: { deliveryTag } } as ConsumeMessage);
    } catch {
      // The channel closed just now. The broker delivers again, and the fence stops it.
      this.alive = false;
    }
  }
}

/** A message of RabbitMQ's. */
export class RabbitMqDelivery implements Delivery {
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly message: TaskMessage;
  private readonly deliveryTag: number;

  constructor(
    readonly queue: string,
    { content, fields, properties }: ConsumeMessage,
    private readonly acknowledger: Acknowledger,
  ) {
    this.exchange = fields.exchange;
    this.routingKey = fields.routingKey;
    this.redelivered = fields.redelivered;
    this.deliveryTag = fields.deliveryTag;
    acknowledger.delivered(fields.deliveryTag);
    const { contentType, contentEncoding, correlationId, replyTo, deliveryMode, priority, messageId } = properties;
    this.message = {
      properties: { contentType, contentEncoding, correlationId, replyTo, deliveryMode, priority, messageId },
      headers: properties.headers ?? {},
      body: content,
    };
  }

  get alive(): boolean {
    return this.acknowledger.alive;
  }

  ack(): void {
    this.acknowledger.ack(this.deliveryTag);
  }

  release(): void {
    this.acknowledger.release(this.deliveryTag);
  }
}
