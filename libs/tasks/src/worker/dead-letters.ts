import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../broker/broker.js';
import { DEAD_LETTER_EXCHANGE } from '../broker/topology.js';
import { isStoreAway } from '../store/store-errors.js';
import type { OutboxStore, RoutedMessage } from '../store/task-store.js';
import type { WorkerLog } from './worker-log.js';

const STORE_PAUSE_MS = 500;

/**
 * The message for the dead-letter exchange: the bytes as they came, the reason in headers. RabbitMQ's own `x-death`
 * headers are left out, since they would be taken for the history of the new message.
 */
export function deadLetter(delivery: Delivery, reason: string): RoutedMessage {
  const { message, queue } = delivery;
  const kept = Object.entries(message.headers).filter(([name]) => !/^x-(first-|last-)?death/.test(name));
  const headers = {
    ...Object.fromEntries(kept),
    'celeriac-dead-letter-reason': reason,
    'celeriac-dead-letter-queue': queue,
    'celeriac-dead-letter-exchange': delivery.exchange,
    'celeriac-dead-letter-routing-key': delivery.routingKey,
  };
  return {
    exchange: DEAD_LETTER_EXCHANGE,
    routingKey: queue,
    envelope: { properties: message.properties, headers },
    body: message.body,
  };
}

/** Where messages go that can be no task of ours. They are remembered in the outbox before they are acknowledged. */
export class DeadLetters {
  constructor(
    private readonly outbox: OutboxStore,
    private readonly log: WorkerLog,
  ) {}

  async bury(delivery: Delivery, reason: string): Promise<void> {
    this.log.warn(`Dead letter from queue "${delivery.queue}": ${reason}`);
    const letter = deadLetter(delivery, reason);
    while (!(await this.written(letter))) await sleep(STORE_PAUSE_MS);
    delivery.ack();
  }

  private async written(letter: RoutedMessage): Promise<boolean> {
    try {
      await this.outbox.addLetter(letter);
      return true;
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      return false;
    }
  }
}
