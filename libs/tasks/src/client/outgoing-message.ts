import { inspect } from 'node:util';
import { flag, shortText, type Rule } from '../contract/option-rules.js';
import type { Letter } from '../store/messages.js';
import { headers } from './assert-call-options.js';

/** A message of the app's own, such as an event: whoever wants it binds a queue to its exchange. */
export interface OutgoingMessage {
  /** One of the app's topology, or the default exchange `''`. */
  exchange: string;
  routingKey: string;
  /** JSON; the message's body. */
  body: unknown;
  /** A UUID, which travels as `message_id`: who gets the message twice tells by it. @defaultValue a new UUIDv7 */
  id?: string;
  /** @defaultValue none */
  headers?: Record<string, unknown>;
  /**
   * What to do while no queue takes it: `true` keeps it and tries again, `false` forgets it.
   * @defaultValue false
   */
  mandatory?: boolean;
}

/** A message that cannot be sent. Nothing is. */
export class InvalidMessageError extends Error {
  override readonly name = 'InvalidMessageError';

  constructor(
    readonly field: keyof OutgoingMessage,
    readonly given: unknown,
    readonly expected: string,
  ) {
    const shown = inspect(given, { depth: 1, maxStringLength: 80, breakLength: Infinity });
    super(`A message was to be published with ${field}=${shown}: expected ${expected}.`);
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const orNothing = ([fits, expected]: Rule): Rule => [(value) => value === '' || fits(value), expected];

const RULES: Readonly<Record<Exclude<keyof OutgoingMessage, 'body'>, Rule>> = {
  exchange: orNothing(shortText),
  routingKey: orNothing(shortText),
  id: [(value) => typeof value === 'string' && UUID.test(value), 'a UUID'],
  headers,
  mandatory: flag,
};

/** @throws {@link InvalidMessageError} */
export function letterOf(message: OutgoingMessage): Letter {
  for (const [field, [fits, expected]] of Object.entries(RULES) as [keyof typeof RULES, Rule][]) {
    const given = message[field];
    if (given !== undefined && !fits(given)) throw new InvalidMessageError(field, given, expected);
  }
  const { exchange, routingKey, id, headers: own = {}, mandatory = false } = message;
  const properties = { contentType: 'application/json', contentEncoding: 'utf-8', deliveryMode: 2 as const };
  const envelope = { properties, headers: own };
  return { id, message: { exchange, routingKey, envelope, body: encoded(message.body) }, mandatory };
}

function encoded(body: unknown): Buffer {
  const expected = 'something that JSON can say';
  let json: string | undefined;
  try {
    json = JSON.stringify(body);
  } catch {
    // A circle, or a BigInt.
  }
  if (json === undefined) throw new InvalidMessageError('body', body, expected);
  return Buffer.from(json);
}
