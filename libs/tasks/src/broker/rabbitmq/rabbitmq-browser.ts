import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { BrokerAwayError } from '../broker-away.error.js';
import { MOST_BROWSED, type Browser, type BrowseOptions } from '../broker.js';
import { AckLedger } from './ack-ledger.js';
import type { BrokerConnection } from './broker-connection.js';
import { isNotFound } from './not-found.js';
import { RabbitMqDelivery, type Acknowledger } from './rabbitmq-consumer.js';

const CONNECT_TIMEOUT_MS = 5000;
/** When nothing has come for so long, what was counted has gone to somebody else. */
const SILENCE_MS = 1000;
/** For so long the end of a look waits for what it gives back to be in its queue, and looks so often. */
const RETURN_TIMEOUT_MS = 1000;
const RETURN_LOOK_MS = 5;
/** So many acknowledgements of a quorum queue a channel passes on at once; what waits behind them is lost at its end. */
const ACKS_AT_ONCE = 16;

/**
 * Looks into a queue on a channel of its own, whose end gives back what was not acknowledged.
 *
 * By one consumer, not by `basic.get`: a quorum queue keeps the order of what the end of a consumer's channel gives
 * back, and mixes up what came by `basic.get` or is given back one by one, from some thirty messages on (tried on
 * 3.10). Each look counts as a delivery of the messages.
 */
export async function browseQueue(connection: BrokerConnection, options: BrowseOptions): Promise<Browser> {
  const model = await modelOf(connection);
  let channel: Channel | undefined;
  try {
    channel = await model.createChannel();
    channel.on('error', () => undefined);
    const browser = new RabbitMqBrowser(model, channel, options.queue);
    await browser.look(options);
    return browser;
  } catch (error) {
    await channel?.close().catch(() => undefined);
    if (isNotFound(error)) return { close: () => Promise.resolve() };
    throw new BrokerAwayError(`it broke off a look into queue "${options.queue}"`, { cause: error });
  }
}

async function modelOf(connection: BrokerConnection): Promise<ChannelModel> {
  // Right after the start nobody knows whether the broker is there.
  await Promise.race([connection.tried, sleep(CONNECT_TIMEOUT_MS, undefined, { ref: false })]);
  if (connection.model === undefined) throw new BrokerAwayError(connection.trouble ?? 'there is no connection');
  return connection.model;
}

class RabbitMqBrowser implements Browser, Acknowledger {
  private readonly ledger = new AckLedger();
  alive = true;

  constructor(
    private readonly model: ChannelModel,
    private readonly channel: Channel,
    private readonly queue: string,
  ) {
    channel.once('close', () => (this.alive = false));
  }

  async look({ limit, onDelivery }: BrowseOptions): Promise<void> {
    const { messageCount } = await this.channel.checkQueue(this.queue);
    const expected = Math.min(limit, messageCount, MOST_BROWSED);
    if (expected === 0) return;
    const over = new AbortController();
    let seen = 0;
    await this.channel.prefetch(expected, false);
    const { consumerTag } = await this.channel.consume(this.queue, (message) => {
      if (message === null) return;
      if (over.signal.aborted) return this.delivered(message.fields.deliveryTag);
      seen += 1;
      const wantsMore = onDelivery(new RabbitMqDelivery(this.queue, message, this));
      if (!wantsMore || seen === expected) over.abort();
    });
    for (let before = -1; seen > before;) {
      before = seen;
      await sleep(SILENCE_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
    over.abort();
    // Nothing is to come in place of what will be acknowledged.
    await this.channel.cancel(consumerTag);
  }

  delivered(tag: number): void {
    this.ledger.delivered(tag);
  }

  ack(tag: number): void {
    this.ledger.settle(tag);
  }

  /** It is given back by the end of the look. */
  release(): void {}

  async close(): Promise<void> {
    try {
      await this.sendAcks();
      const { messageCount } = await this.channel.checkQueue(this.queue);
      await this.channel.close();
      if (this.ledger.size > 0) await this.untilReady(messageCount + this.ledger.size);
    } catch {
      // A channel that is gone has given back what it held.
    }
  }

  /** A quorum queue hears of the end of a channel a moment after who has closed it. Somebody else may have been faster. */
  private async untilReady(count: number): Promise<void> {
    const deadlineMs = performance.now() + RETURN_TIMEOUT_MS;
    const channel = await this.model.createChannel();
    channel.on('error', () => undefined);
    while ((await channel.checkQueue(this.queue)).messageCount < count && performance.now() < deadlineMs) {
      await sleep(RETURN_LOOK_MS);
    }
    await channel.close();
  }

  private async sendAcks(): Promise<void> {
    const { upTo, singly } = this.ledger.take();
    if (upTo !== null) this.sendAck(upTo, true);
    for (let from = 0; from < singly.length; from += ACKS_AT_ONCE) {
      for (const tag of singly.slice(from, from + ACKS_AT_ONCE)) this.sendAck(tag, false);
      // Whoever answers this has passed them on.
      await this.channel.checkQueue(this.queue);
    }
  }

  private sendAck(deliveryTag: number, upTo: boolean): void {
    // amqplib reads nothing of the message but this.
    this.channel.ack({ fields: { deliveryTag } } as ConsumeMessage, upTo);
  }
}
