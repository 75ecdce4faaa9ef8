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

/** Consumes one queue on a channel of its own, and again on each new connection. */
export class RabbitMqConsumer implements Consumer {
  private readonly kept: KeptChannel<Channel>;
  private readonly acknowledgers = new WeakMap<Channel, ChannelAcknowledger>();
  private consumerTag = '';
  private cancelled = false;

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
  }

  get active(): boolean {
    return !this.cancelled && this.kept.channel !== undefined;
  }

  async cancel(): Promise<void> {
    this.cancelled = true;
    await this.kept.settled();
    // A channel that is gone delivers nothing either.
    await withPatience(this.kept.channel?.cancel(this.consumerTag));
  }

  async close(): Promise<void> {
    this.cancelled = true;
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
}

/** Sends the acknowledgements of one turn together. */
class ChannelAcknowledger {
  private readonly ledger = new AckLedger();
  private scheduled = false;
  alive = true;

  constructor(private readonly channel: Channel) {
    channel.once('close', () => (this.alive = false));
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
    if (!this.alive) return;
    this.ledger.release(tag);
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

class RabbitMqDelivery implements Delivery {
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly message: TaskMessage;
  private readonly deliveryTag: number;

  constructor(
    readonly queue: string,
    { content, fields, properties }: ConsumeMessage,
    private readonly acknowledger: ChannelAcknowledger,
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
