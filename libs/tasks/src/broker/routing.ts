import type { Topology } from './topology.js';

/**
 * Which queues a message goes to, as AMQP 0-9-1 (3.1.3) has it: the default exchange `''` routes to the queue that
 * the key names, a direct exchange to the queues bound with exactly that key.
 *
 * @returns the names of the queues, each once; empty when the message is unroutable
 */
export function routeMessage(topology: Topology, exchange: string, routingKey: string): string[] {
  if (exchange === '') return topology.queues.some(({ name }) => name === routingKey) ? [routingKey] : [];
  const matching = topology.bindings.filter(
    (binding) => binding.exchange === exchange && binding.routingKey === routingKey,
  );
  return [...new Set(matching.map((binding) => binding.queue))];
}
