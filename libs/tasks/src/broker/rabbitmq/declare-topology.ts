import type { Channel } from 'amqplib';
import { queueArguments, type Topology } from '../topology.js';
import { toFieldTable } from './field-table.js';

/** Declares what is missing; what is there already with the same arguments is left alone. */
export async function declareTopology(channel: Channel, topology: Topology): Promise<void> {
  for (const { name, type } of topology.exchanges) await channel.assertExchange(name, type, { durable: true });
  for (const queue of topology.queues) {
    await channel.assertQueue(queue.name, { durable: true, arguments: toFieldTable(queueArguments(queue)) });
  }
  for (const { queue, exchange, routingKey = '', arguments: args = {} } of topology.bindings) {
    await channel.bindQueue(queue, exchange, routingKey, toFieldTable(args));
  }
}
