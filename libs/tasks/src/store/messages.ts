import type { MessageProperties } from '../protocol/task-message.js';

/** What travels with a body: a message's properties and headers. */
export interface StoredEnvelope {
  properties: MessageProperties;
  headers: Record<string, unknown>;
}

/** A message and where it goes. */
export interface RoutedMessage {
  exchange: string;
  routingKey: string;
  envelope: StoredEnvelope;
  body: Buffer;
}

/** A message that continues no task of ours: a result, a dead letter, an event, a task for somebody else's queue. */
export interface Letter {
  /** A UUID: that of the outbox row, and the `message_id` on the wire. @defaultValue a new UUIDv7 */
  id?: string;
  message: RoutedMessage;
  /** False: when no queue takes it, nobody waits for it any more, and it is done with. */
  mandatory: boolean;
}

/** A message that is due, as the relay takes it. */
export interface OutboxMessage extends RoutedMessage {
  outboxId: string;
  /** @defaultValue true */
  mandatory?: boolean;
  taskId: string | null;
  generation: number | null;
}
