import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AmqpConnectionManager } from 'amqp-connection-manager';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { BrokerAwayError } from '../broker-away.error.js';
import { MOST_BROWSED, type Browser, type BrowseOptions } from '../broker.js';
import { isNotFound } from './not-found.js';
import { ChannelAcknowledger, RabbitMqDelivery } from './rabbitmq-consumer.js';

const CONNECT_TIMEOUT_MS = 5000;
/** When nothing has come for so long, what was counted has gone to somebody else. */
const SILENCE_MS = 1000;

/**
 * Looks into a queue on a channel of its own, whose end gives back what was not acknowledged.
 *
 * By one consumer, not by `basic.get`: a quorum queue keeps the order of what the end of a consumer's channel gives
 * back, and mixes up what came by `basic.get` or is given back one by one, from some thirty messages on (tried on
 * 3.10). Each look counts as a delivery of the messages.
 */
export async function browseQueue(manager: AmqpConnectionManager, options: BrowseOptions): Promise<Browser> {
  const connection = await connected(manager);
  let channel: Channel | undefined;
  try {
    channel = await connection.createChannel();
    channel.on('error', () => undefined);
    return await look(channel, options);
  } catch (error) {
    await channel?.close().catch(() => undefined);
    if (isNotFound(error)) return { close: () => Promise.resolve() };
    throw new BrokerAwayError(`it broke off a look into queue "${options.queue}"`, { cause: error });
  }
}

async function connected(manager: AmqpConnectionManager): Promise<ChannelModel> {
  const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  if (manager.connection === undefined) await once(manager, 'connect', { signal }).catch(() => undefined);
  if (manager.connection === undefined) throw new BrokerAwayError('there is no connection');
  return manager.connection;
}

async function look(channel: Channel, { queue, limit, onDelivery }: BrowseOptions): Promise<Browser> {
  const { messageCount } = await channel.checkQueue(queue);
  const expected = Math.min(limit, messageCount, MOST_BROWSED);
  const acknowledger = new ChannelAcknowledger(channel);
  let seen = 0;
  let isOver = expected === 0;
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  channel.once('close', end);
  const take = (message: ConsumeMessage | null): void => {
    if (isOver) return;
    seen += 1;
    isOver = message === null || !onDelivery(new RabbitMqDelivery(queue, message, acknowledger)) || seen === expected;
    if (isOver) end();
  };
  if (!isOver) {
    await channel.prefetch(expected, false);
    const { consumerTag } = await channel.consume(queue, take);
    for (let before = -1; seen > before && !isOver;) {
      before = seen;
      await Promise.race([over, sleep(SILENCE_MS, undefined, { ref: false })]);
    }
    isOver = true;
    // Nothing is to come in place of what will be acknowledged.
    await channel.cancel(consumerTag);
  }
  return { close: () => endLook(channel, acknowledger) };
}

async function endLook(channel: Channel, acknowledger: ChannelAcknowledger): Promise<void> {
  acknowledger.flush();
  // A channel that is gone has given back what it held.
  await channel.close().catch(() => undefined);
}
