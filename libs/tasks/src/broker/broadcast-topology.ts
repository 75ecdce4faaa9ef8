import type { Topology } from './topology.js';

/** What the names of all exchanges and queues for broadcasts begin with. */
export const BROADCAST_PREFIX = 'celeriac.broadcast.';

/** For how long a worker may be away and still get what was broadcast in the meantime. */
export const BROADCAST_EXPIRY_MS = 30 * 60_000;

/** @returns the fanout exchange that leads to each worker of a task queue */
export function broadcastExchange(queue: string): string {
  return `${BROADCAST_PREFIX}${queue}`;
}

/** @returns the queue that one worker of a task queue has for itself */
export function broadcastQueue(queue: string, worker: string): string {
  return `${broadcastExchange(queue)}/${worker}`;
}

/**
 * What a worker of a task queue declares, to get what is broadcast to its workers. Its own queue is there for good
 * while the worker is, so that neither a lost connection nor a restart of either side loses anything, and goes when the
 * worker has been away for too long.
 */
export function broadcastTopology(queue: string, worker: string): Topology {
  const [exchange, own] = [broadcastExchange(queue), broadcastQueue(queue, worker)];
  return {
    exchanges: [{ name: exchange, type: 'fanout' }],
    queues: [{ name: own, type: 'quorum', arguments: { 'x-expires': BROADCAST_EXPIRY_MS } }],
    bindings: [{ exchange, queue: own }],
  };
}
