import type { Channel, ChannelModel } from 'amqplib';
import { queueArguments, type Topology } from '../topology.js';
import { describeChannelError } from './describe-channel-error.js';
import { toFieldTable } from './field-table.js';
import type { ToldOnce } from './told-once.js';

/** One thing to declare. */
interface Declaration {
  subject: string;
  declare(channel: Channel): Promise<unknown>;
}

/**
 * Declares what is missing, on a channel of its own; what is there already with the same arguments is left alone.
 *
 * RabbitMQ closes the channel over what it refuses: what is there with other arguments, or what this user may not
 * declare. That is told, and the rest is declared all the same: what is there can be used as it is, and what is not
 * says so to who uses it.
 */
export async function declareTopology(connection: ChannelModel, topology: Topology, told: ToldOnce): Promise<void> {
  let channel: Channel | undefined;
  for (const declaration of declarations(topology)) {
    channel ??= await openQuietly(connection);
    try {
      await declaration.declare(channel);
      told.forget(declaration.subject);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      told.warn(declaration.subject, describeChannelError(error));
      channel = undefined;
    }
  }
  await channel?.close();
}

function declarations({ exchanges, queues, bindings }: Topology): Declaration[] {
  return [
    ...exchanges.map(({ name, type }) => ({
      subject: `exchange "${name}"`,
      declare: (channel: Channel) => channel.assertExchange(name, type, { durable: true }),
    })),
    ...queues.map((queue) => ({
      subject: `queue "${queue.name}"`,
      declare: (channel: Channel) =>
        channel.assertQueue(queue.name, { durable: true, arguments: toFieldTable(queueArguments(queue)) }),
    })),
    ...bindings.map(({ queue, exchange, routingKey = '', arguments: args = {} }) => ({
      subject: `binding of queue "${queue}" to exchange "${exchange}" by "${routingKey}"`,
      declare: (channel: Channel) => channel.bindQueue(queue, exchange, routingKey, toFieldTable(args)),
    })),
  ];
}

async function openQuietly(connection: ChannelModel): Promise<Channel> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  return channel;
}

/** RabbitMQ's answer has a code; a connection that is gone has not. */
function isRefusal(error: unknown): boolean {
  return typeof (error as { code?: unknown }).code === 'number';
}
