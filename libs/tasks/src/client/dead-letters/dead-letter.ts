import { createHash } from 'node:crypto';
import type { Delivery } from '../../broker/broker.js';
import { DEAD_LETTER_HEADERS, GENERATION_HEADER, sendersHeaders, type TaskMessage } from '../../protocol/index.js';
import { deathOf, type DeadLetterOrigin } from './death.js';
import { letterTask } from './letter-task.js';
import { shownBody, shownHeaders, type DeadLetterBody, type Secrets } from './shown-message.js';

/** A message that could not be run, as it may be shown. */
export class DeadLetter {
  /** What to call it by: its message id if that is ours, else a hash. Letters that are the same to the byte share it. */
  readonly id: string;
  /** Null where the message does not say it. */
  readonly taskId: string | null;
  /** Null where the message does not say it. */
  readonly taskName: string | null;
  /** Why it is here. */
  readonly reason: string;
  /** When it came here; null when nobody knows. */
  readonly diedAt: Date | null;
  /** Where it goes when it is sent back; null when nobody knows. */
  readonly origin: DeadLetterOrigin | null;
  /** Which of its task's messages it is; null for one that another producer sent. */
  readonly generation: number | null;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: DeadLetterBody;
  /** Of the body. */
  readonly sizeBytes: number;
  // Not seen by JSON: it has what is secret.
  readonly #raw: Buffer;

  /** @param queue - the task queue whose dead letter it is */
  constructor(
    readonly queue: string,
    message: TaskMessage,
    secrets: Secrets,
  ) {
    const task = letterTask(message);
    const { reason, at, origin } = deathOf(message);
    this.id = letterId(message);
    this.taskId = task.id;
    this.taskName = task.name;
    this.reason = reason;
    this.diedAt = at;
    this.origin = origin;
    this.generation = task.request?.generation ?? null;
    this.headers = shownHeaders(message, task, secrets);
    this.body = shownBody(message, task, secrets);
    this.sizeBytes = message.body.length;
    this.#raw = message.body;
  }

  /** The body's bytes as they came, with whatever is secret in them. */
  get raw(): Buffer {
    return this.#raw;
  }
}

/**
 * The name of a letter, the same at each look. Only of message ids that we have given it is known that they are not
 * given twice.
 */
export function letterId({ headers, properties, body }: Delivery['message']): string {
  const isOurs = DEAD_LETTER_HEADERS.reason in headers || GENERATION_HEADER in headers;
  if (isOurs && properties.messageId !== undefined) return properties.messageId;
  const told = JSON.stringify([properties, sendersHeaders(headers)]);
  return createHash('sha256').update(told).update(body).digest('hex').slice(0, 32);
}
