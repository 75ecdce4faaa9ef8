import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { TaskMessage } from '../../protocol/task-message.js';
import type { ConsumeOptions, Consumer, Delivery } from '../broker.js';
import { AckLedger } from './ack-ledger.js';
import { declareTopology } from './declare-topology.js';
import { KeptChannel, type ChannelParts } from './kept-channel.js';
import { withPatience } from './patience.js';
import { sightOf, Watchdog, type Remedy, type Sight } from './watchdog.js';

const LOOK_INTERVAL_MS = 2000;

/**
 * Consumes one queue on a channel of its own, and again on each new connection.
 *
 * It looks after itself, since connected is not working: when a queue is deleted under load, say, RabbitMQ at times
 * neither ends its consumers nor attaches them to the queue that is declared in its place, and they would wait on an
 * open channel for ever (tried on 3.10).
 */
export class RabbitMqConsumer implements Consumer {
  private readonly kept: KeptChannel<Channel>;
  private readonly acknowledgers = new WeakMap<Channel, ChannelAcknowledger>();
  private readonly watchdog: Watchdog;
  private readonly takesTurns: boolean;
  private readonly timer: NodeJS.Timeout;
  private consumerTag = '';
  private cancelled = false;
  private deliveredSinceLook = false;
  private looking = false;

  constructor(
    private readonly parts: ChannelParts,
    private readonly options: ConsumeOptions,
  ) {
    this.kept = new KeptChannel<Channel>(parts, {
      subject: `consumer of queue "${options.queue}"`,
      create: (model) => model.createChannel(),
      prepare: (channel, model) => this.prepare(channel, model),
    });
    const declared = parts.topology.queues.find(({ name }) => name === options.queue);
    this.takesTurns = declared?.arguments?.['x-single-active-consumer'] === true;
    this.watchdog = new Watchdog(Math.ceil(parts.patienceMs / LOOK_INTERVAL_MS));
    this.timer = setInterval(() => void this.look(), LOOK_INTERVAL_MS);
  }

  get active(): boolean {
    return this.trouble === null;
  }

  get trouble(): string | null {
    if (this.cancelled) return `Queue "${this.options.queue}" is not consumed any more.`;
    if (this.kept.trouble !== null) return this.kept.trouble;
    return this.watchdog.suspicious ? `RabbitMQ delivers nothing from queue "${this.options.queue}".` : null;
  }

  async cancel(): Promise<void> {
    this.cancelled = true;
    clearInterval(this.timer);
    await withPatience(this.kept.settled());
    // A channel that is gone delivers nothing either.
    await withPatience(this.kept.channel?.cancel(this.consumerTag));
  }

  async close(): Promise<void> {
    this.cancelled = true;
    clearInterval(this.timer);
    await withPatience(this.kept.settled());
    const channel = this.kept.channel;
    if (channel !== undefined) this.acknowledgers.get(channel)?.flush();
    await this.kept.close();
  }

  private async prepare(channel: Channel, model: ChannelModel): Promise<void> {
    const { topology, told, log } = this.parts;
    await declareTopology(model, topology, told);
    if (this.cancelled) return;
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
    log.log(`Consuming queue "${this.options.queue}" (prefetch ${this.options.prefetch}).`);
  }

  private cancelledByBroker(): void {
    const { queue } = this.options;
    this.parts.log.warn(`RabbitMQ ended the consumer of queue "${queue}" (deleted?): consuming it again.`);
    void this.kept.replace();
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const remedy = this.watchdog.look(await this.see());
    this.looking = false;
    if (remedy !== null && !this.cancelled) await this.apply(remedy);
  }

  private async apply(remedy: Remedy): Promise<void> {
    const { connection, log } = this.parts;
    const { queue } = this.options;
    const why = this.kept.trouble ?? `RabbitMQ delivers nothing from queue "${queue}", though it has messages.`;
    switch (remedy) {
      case 'channel':
        log.warn(`${why} Consuming it again, on a new channel.`);
        return this.kept.replace();
      case 'connection':
        log.warn(`${why} A new channel did not help: making a new connection.`);
        return connection.renew(`queue "${queue}" is not consumed`);
      case 'process':
        log.warn(`${why} A new connection did not help either.`);
        return this.options.onBroken?.(why);
    }
  }

  private async see(): Promise<Sight> {
    const wasFed = this.deliveredSinceLook;
    this.deliveredSinceLook = false;
    if (this.parts.connection.model === undefined) return 'away';
    const { channel } = this.kept;
    if (channel === undefined) return 'not consuming';
    const isFull = (this.acknowledgers.get(channel)?.openCount ?? 0) >= this.options.prefetch;
    if (wasFed || isFull) return 'well';
    // A queue that is not there closes the channel, and the next one declares it.
    const asked = channel.checkQueue(this.options.queue).then(
      (queue) => sightOf(queue, this.takesTurns),
      (): Sight => 'not consuming',
    );
    return Promise.race([asked, noAnswer()]);
  }
}

/** A process that was busy for as long reads what has come before it says that nothing has. */
async function noAnswer(): Promise<Sight> {
  await sleep(LOOK_INTERVAL_MS, undefined, { ref: false });
  await new Promise<void>((resolve) => void setImmediate(resolve));
  return 'starving';
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
