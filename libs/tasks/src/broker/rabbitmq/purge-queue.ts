import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import { BrokerAwayError } from '../broker-away.error.js';
import { isNotFound } from './not-found.js';

/** However many messages there are, they go at once. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Drops what is ready in a queue.
 *
 * @returns how many messages that was; 0 when there is no such queue
 * @throws {@link BrokerAwayError} when RabbitMQ does not answer
 */
export async function purgeQueue(connection: ChannelModel, queue: string): Promise<number> {
  const silence = sleep(ANSWER_TIMEOUT_MS, undefined, { ref: false }).then(() => {
    throw new BrokerAwayError(`no answer within ${ANSWER_TIMEOUT_MS} ms`);
  });
  try {
    return await Promise.race([purge(connection, queue), silence]);
  } catch (error) {
    if (isNotFound(error)) return 0;
    if (error instanceof BrokerAwayError) throw error;
    throw new BrokerAwayError(`the queue "${queue}" could not be purged`, { cause: error });
  }
}

/** On a channel of its own: a queue that is not there closes the channel. */
async function purge(connection: ChannelModel, queue: string): Promise<number> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  const { messageCount } = await channel.purgeQueue(queue);
  await channel.close();
  return messageCount;
}
