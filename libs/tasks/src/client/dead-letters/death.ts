import { version as versionOf } from 'uuid';
import { DEAD_LETTER_HEADERS, type TaskMessage } from '../../protocol/index.js';

/** Where a message was when it died, and how it had come there. */
export interface DeadLetterOrigin {
  queue: string;
  exchange: string;
  routingKey: string;
}

/** What a message says of its death. */
export interface Death {
  reason: string;
  /** Null when nobody knows. */
  at: Date | null;
  /** Null when nobody knows: there is no way back. */
  origin: DeadLetterOrigin | null;
}

/** RabbitMQ's words for why it dead-letters a message. */
const REASONS: Readonly<Record<string, string>> = {
  rejected: 'A consumer rejected it.',
  expired: 'Its time in the queue was over.',
  maxlen: 'The queue was full.',
  delivery_limit: 'It had been delivered too often.',
};

/** What a worker of ours has written into the message, or else RabbitMQ. */
export function deathOf(message: TaskMessage): Death {
  return deathByWorker(message) ?? deathByBroker(message) ?? { reason: 'It does not say why.', at: null, origin: null };
}

function deathByWorker({ headers, properties }: TaskMessage): Death | undefined {
  const { reason, queue, exchange, routingKey } = DEAD_LETTER_HEADERS;
  const why = headers[reason];
  if (typeof why !== 'string') return undefined;
  const origin = originOf(headers[queue], headers[exchange], headers[routingKey]);
  return { reason: why, at: timeOfId(properties.messageId), origin };
}

/** The first entry of `x-death` is the latest death. */
function deathByBroker({ headers }: TaskMessage): Death | undefined {
  const deaths = headers['x-death'];
  const latest: unknown = Array.isArray(deaths) ? deaths[0] : undefined;
  if (typeof latest !== 'object' || latest === null) return undefined;
  const { reason, queue, exchange, time, 'routing-keys': routingKeys } = latest as Record<string, unknown>;
  const origin = originOf(queue, exchange, Array.isArray(routingKeys) ? routingKeys[0] : undefined);
  return { reason: REASONS[String(reason)] ?? `RabbitMQ says: ${String(reason)}`, at: timeOfTimestamp(time), origin };
}

function originOf(queue: unknown, exchange: unknown, routingKey: unknown): DeadLetterOrigin | null {
  const isKnown = typeof queue === 'string' && typeof exchange === 'string' && typeof routingKey === 'string';
  return isKnown ? { queue, exchange, routingKey } : null;
}

/** The id of a letter of ours is its outbox row's, a UUIDv7: it begins with the time, in milliseconds. */
function timeOfId(id: string | undefined): Date | null {
  try {
    return id !== undefined && versionOf(id) === 7 ? new Date(parseInt(id.replace('-', '').slice(0, 12), 16)) : null;
  } catch {
    return null;
  }
}

/** As amqplib shows it: seconds since 1970. */
function timeOfTimestamp(time: unknown): Date | null {
  const seconds = typeof time === 'object' && time !== null && 'value' in time ? time.value : undefined;
  return typeof seconds === 'number' ? new Date(seconds * 1000) : null;
}
