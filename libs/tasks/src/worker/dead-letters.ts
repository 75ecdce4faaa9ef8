import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../broker/broker.js';
import { DEAD_LETTER_EXCHANGE } from '../broker/topology.js';
import { DEAD_LETTER_HEADERS, sendersHeaders } from '../protocol/index.js';
import { isStoreAway } from '../store/store-errors.js';
import { resultLetters } from '../store/result-letter.js';
import type { Letter, OutboxStore, RoutedMessage } from '../store/task-store.js';
import type { EndedTask } from './follow-ups/follow-up-task.js';
import type { WorkerLog } from './worker-log.js';

const STORE_PAUSE_MS = 500;
/** Headers travel in one AMQP frame. */
const MAX_REASON_LENGTH = 2000;

/**
 * The message for the dead-letter exchange: the bytes as they came, the reason in headers. RabbitMQ's own `x-death`
 * headers are left out, since they would be taken for the history of the new message.
 */
export function deadLetter(delivery: Delivery, reason: string): RoutedMessage {
  const { message, queue } = delivery;
  const headers = {
    ...sendersHeaders(message.headers),
    [DEAD_LETTER_HEADERS.reason]: shortened(reason),
    [DEAD_LETTER_HEADERS.queue]: queue,
    [DEAD_LETTER_HEADERS.exchange]: delivery.exchange,
    [DEAD_LETTER_HEADERS.routingKey]: delivery.routingKey,
  };
  return {
    exchange: DEAD_LETTER_EXCHANGE,
    routingKey: queue,
    envelope: { properties: message.properties, headers },
    body: message.body,
  };
}

function shortened(reason: string): string {
  return reason.length <= MAX_REASON_LENGTH ? reason : `${reason.slice(0, MAX_REASON_LENGTH)}...`;
}

/** The dead letter for a signature that cannot be sent: its JSON, with the reason in headers. */
export function signatureLetter(signature: unknown, { request, queue }: EndedTask, reason: string): Letter {
  const properties = { contentType: 'application/json', contentEncoding: 'utf-8', deliveryMode: 2 as const };
  const headers = {
    root_id: request.rootId,
    parent_id: request.id,
    [DEAD_LETTER_HEADERS.reason]: shortened(reason),
    [DEAD_LETTER_HEADERS.queue]: queue,
  };
  const body = Buffer.from(JSON.stringify(signature));
  return {
    message: { exchange: DEAD_LETTER_EXCHANGE, routingKey: queue, envelope: { properties, headers }, body },
    mandatory: true,
  };
}

/** For a caller that waits for the result of what is no task of ours. */
function refusal({ message: { headers, properties } }: Delivery, reason: string): Letter[] {
  const { id } = headers;
  if (typeof id !== 'string' || id === '') return [];
  const { replyTo = null, correlationId = null } = properties;
  const error = { type: 'DeadLetterError', message: reason, stack: null };
  return resultLetters({ id, replyTo, correlationId }, { state: 'FAILURE', error });
}

/**
 * Where messages go that can be no task of ours. They are remembered in the outbox before they are acknowledged, and
 * so is the answer to who waits for them.
 */
export class DeadLetters {
  constructor(
    private readonly outbox: OutboxStore,
    private readonly log: WorkerLog,
  ) {}

  async bury(delivery: Delivery, reason: string): Promise<void> {
    this.log.warn(`Dead letter from queue "${delivery.queue}": ${reason}`);
    const letters = [{ message: deadLetter(delivery, reason), mandatory: true }, ...refusal(delivery, reason)];
    // Once its channel is gone it is delivered again, and buried then: also after a stop, which waits for nobody.
    while (delivery.alive) {
      if (await this.written(letters)) return delivery.ack();
      await sleep(STORE_PAUSE_MS);
    }
  }

  private async written(letters: Letter[]): Promise<boolean> {
    try {
      await this.outbox.addLetters(letters);
      return true;
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      return false;
    }
  }
}
