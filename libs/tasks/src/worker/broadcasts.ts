import { broadcastQueue, broadcastTopology } from '../broker/broadcast-topology.js';
import type { Broker, ConsumeOptions, Consumer, Delivery } from '../broker/broker.js';
import { broadcastRunId, isBroadcast } from '../contract/define-broadcast.js';
import { GENERATION_HEADER } from '../protocol/index.js';
import type { OutboxStore } from '../store/task-store.js';
import type { Reconciler } from '../upkeep/reconciler.js';
import type { RegisteredHandler } from './handlers/handler-registry.js';
import type { WorkerLog } from './worker-log.js';

/** What {@link Broadcasts} are made of. */
export interface BroadcastsParts {
  broker: Broker;
  outbox: Pick<OutboxStore, 'liveWorkers'>;
  reconciler: Pick<Reconciler, 'lookAfter'>;
  handlers: ReadonlyMap<string, RegisteredHandler>;
  /** The worker's node name. */
  worker: string;
  /** The task queues that it consumes. */
  queues: readonly string[];
  log: WorkerLog;
}

/**
 * The queues that a worker has for itself: it gets there what is broadcast to all workers of a task queue. A worker
 * that handles no broadcasts has none.
 */
export class Broadcasts {
  private readonly queues: string[];

  constructor(private readonly parts: BroadcastsParts) {
    const handled = [...parts.handlers.values()].map(({ contract }) => contract).filter(isBroadcast);
    this.queues = [...new Set(handled.map(({ queue }) => queue))].filter((queue) => parts.queues.includes(queue));
  }

  /** To be called before the worker has its lease: whoever has its name then is another one. */
  async warnOfNamesakes(): Promise<void> {
    const { worker, outbox, log } = this.parts;
    for (const queue of this.queues) {
      if (!(await outbox.liveWorkers(queue)).includes(worker)) continue;
      log.warn(
        `A worker named ${worker} is there already, or died just now. Of workers with the same name only one runs ` +
          `what is broadcast to the queue "${queue}": give each a name of its own.`,
      );
    }
  }

  consume({ onDelivery, ...options }: Omit<ConsumeOptions, 'queue' | 'topology'>): Consumer[] {
    const { broker, reconciler, worker } = this.parts;
    return this.queues.map((queue) => {
      const own = broadcastQueue(queue, worker);
      reconciler.lookAfter(own);
      return broker.consume({
        ...options,
        queue: own,
        topology: broadcastTopology(queue, worker),
        onDelivery: (delivery) => onDelivery(ownDelivery(delivery, queue, worker)),
      });
    });
  }
}

/**
 * A broadcast as a task of this worker alone: with an id of its own, so that it is claimed once however often it comes,
 * and with the worker's own queue as where it goes on, so that a retry comes back here. What has been continued has the
 * id already. Nobody waits for it over rpc: there the results of all workers would have the same id.
 */
export function ownDelivery(delivery: Delivery, queue: string, worker: string): Delivery {
  const { properties, headers, body } = delivery.message;
  const { id, [GENERATION_HEADER]: generation } = headers;
  const isNew = typeof id === 'string' && id !== '' && (generation === undefined || generation === null);
  const ownHeaders = isNew ? { ...headers, id: broadcastRunId(id, worker) } : headers;
  return {
    queue,
    exchange: '',
    routingKey: delivery.queue,
    redelivered: delivery.redelivered,
    message: { properties: { ...properties, replyTo: undefined }, headers: ownHeaders, body },
    get alive() {
      return delivery.alive;
    },
    ack: () => delivery.ack(),
    release: () => delivery.release(),
  };
}
