import { formatIsoMicros } from './iso-times.js';
import { scanJson } from './json-scan.js';
import { argsRepr, kwargsRepr } from './python-repr.js';
import {
  GENERATION_HEADER,
  MAX_INT32,
  MAX_NESTING,
  MAX_TASK_ID_BYTES,
  PROTOCOL_HEADERS,
  type MessageProperties,
  type TaskMessage,
  type TaskRequest,
} from './task-message.js';

const MAX_SHORT_STRING_BYTES = 255;

/**
 * Encodes a task message as Celery 5.2 does ("Celery message protocol 2"): all header keys are sent every time, null
 * where unset. `lang` is always `js`, the correlation id is the task id where the request has no other, and
 * `argsrepr`/`kwargsrepr` are made anew. With a generation there are also our header and message id. Never an AMQP
 * `expiration`: the worker decides what has expired, so that somebody hears of it.
 *
 * Header values that are times have millisecond precision. NaN and Infinity in args become null, as in any JSON.
 *
 * @param shown what `argsrepr` and `kwargsrepr` say of the arguments; the arguments themselves, unless some are secret.
 * @throws TypeError for a request that a Python worker would choke on or that we could not decode again: an empty or
 *   too long id, kwargs that are no object, a user header with a name of the protocol, args that are not JSON or are
 *   nested deeper than 100; RangeError for numbers out of range and invalid dates.
 */
export function encodeTaskMessage(
  request: TaskRequest,
  shown: Pick<TaskRequest, 'args' | 'kwargs'> = request,
): TaskMessage {
  assertEncodable(request);
  const generation = request.generation === null ? {} : { [GENERATION_HEADER]: request.generation };
  return {
    properties: encodeProperties(request),
    headers: {
      lang: 'js',
      task: request.name,
      id: request.id,
      shadow: request.shadow,
      eta: request.eta && formatIsoMicros(request.eta),
      expires: request.expires && formatIsoMicros(request.expires),
      group: request.group,
      group_index: request.groupIndex,
      retries: request.retries,
      timelimit: [request.timeLimitSeconds, request.softTimeLimitSeconds],
      root_id: request.rootId,
      parent_id: request.parentId,
      argsrepr: argsRepr(shown.args),
      kwargsrepr: kwargsRepr(shown.kwargs),
      origin: request.origin,
      ignore_result: request.ignoreResult,
      ...generation,
      ...request.userHeaders,
    },
    body: encodeBody(request),
  };
}

/** What {@link continueTaskMessage} changes. */
export interface TaskContinuation {
  /** The new generation; it fences off all earlier messages of the task. */
  generation: number;
  /** The new number of retries; absent: as it was. */
  retries?: number;
  /** The new time to run at, null = at once; absent: as it was. */
  eta?: Date | null;
}

/**
 * The message with which a worker sends a task on: a retry, or a task handed back. The body's bytes and all other
 * headers and properties stay as they came, also those of a Python producer, so that it gets its result.
 *
 * As Python does it at a retry, a task without parent becomes its own parent ("Task messages", retry).
 * `expiration` is dropped, and with it every property that {@link MessageProperties} does not name: RabbitMQ closes
 * the channel over a foreign `userId`.
 *
 * @throws TypeError for a message without id, RangeError for a generation or retries out of range, an invalid eta.
 */
export function continueTaskMessage(message: TaskMessage, change: TaskContinuation): TaskMessage {
  const { id, retries, parent_id: parentId } = message.headers;
  if (typeof id !== 'string') throw new TypeError(`A message without an id cannot be continued, got ${typeof id}`);
  assertCount('generation', change.generation);
  const headers: Record<string, unknown> = { ...message.headers, [GENERATION_HEADER]: change.generation };
  if (change.retries !== undefined) {
    assertCount('retries', change.retries);
    headers['retries'] = change.retries;
    if (change.retries > Number(retries ?? 0)) headers['parent_id'] = parentId ?? id;
  }
  if (change.eta !== undefined) headers['eta'] = change.eta && formatIsoMicros(change.eta);
  const messageId = messageIdOf(id, change.generation);
  return { properties: { ...knownProperties(message.properties), messageId }, headers, body: message.body };
}

function encodeProperties(request: TaskRequest): MessageProperties {
  return knownProperties({
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    correlationId: request.correlationId ?? request.id,
    replyTo: request.replyTo ?? undefined,
    deliveryMode: 2,
    priority: request.priority ?? undefined,
    messageId: request.generation === null ? undefined : messageIdOf(request.id, request.generation),
  });
}

/** The properties of the protocol that are set, and no others. */
function knownProperties(from: MessageProperties): MessageProperties {
  const { contentType, contentEncoding, correlationId, replyTo, deliveryMode, priority, messageId } = from;
  const known = { contentType, contentEncoding, correlationId, replyTo, deliveryMode, priority, messageId };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

function messageIdOf(id: string, generation: number): string {
  return `${id}.${generation}`;
}

function encodeBody({ args, kwargs, embed: { callbacks, errbacks, chain, chord } }: TaskRequest): Buffer {
  const body = Buffer.from(JSON.stringify([args, kwargs, { callbacks, errbacks, chain, chord }]));
  const { depth } = scanJson(body);
  if (depth > MAX_NESTING) {
    throw new TypeError(`The arguments of a task must not be nested deeper than ${MAX_NESTING}, got ${depth}`);
  }
  return body;
}

function assertEncodable(request: TaskRequest): void {
  assertShortString('id', request.id, MAX_TASK_ID_BYTES);
  assertShortString('correlationId', request.correlationId ?? request.id, MAX_SHORT_STRING_BYTES);
  if (request.replyTo !== null) assertShortString('replyTo', request.replyTo, MAX_SHORT_STRING_BYTES);
  if (!request.name) throw new TypeError('The name of a task must not be empty');
  if (!Array.isArray(request.args)) throw new TypeError(`args must be an array, got ${typeof request.args}`);
  const { kwargs } = request;
  if (typeof kwargs !== 'object' || kwargs === null || Array.isArray(kwargs)) {
    throw new TypeError(`kwargs must be an object ({} for none), got ${JSON.stringify(kwargs)}`);
  }
  assertCount('retries', request.retries);
  if (request.generation !== null) assertCount('generation', request.generation);
  if (request.groupIndex !== null) assertCount('groupIndex', request.groupIndex);
  if (request.priority !== null) assertCount('priority', request.priority, 255);
  assertSeconds('timeLimitSeconds', request.timeLimitSeconds);
  assertSeconds('softTimeLimitSeconds', request.softTimeLimitSeconds);
  const reserved = Object.keys(request.userHeaders).find((name) => PROTOCOL_HEADERS.has(name));
  if (reserved !== undefined) {
    throw new TypeError(`The header "${reserved}" belongs to the task protocol and cannot be a user header`);
  }
}

function assertShortString(field: string, value: string, maxBytes: number): void {
  const bytes = Buffer.byteLength(value);
  if (bytes === 0 || bytes > maxBytes) throw new TypeError(`${field} must have 1 to ${maxBytes} bytes, got ${bytes}`);
}

function assertCount(field: string, value: number, max: number = MAX_INT32): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`${field} must be a whole number from 0 to ${max}, got ${value}`);
  }
}

function assertSeconds(field: string, value: number | null): void {
  if (value !== null && !(Number.isFinite(value) && value >= 0)) {
    throw new RangeError(`${field} must be a number of seconds that is not negative, or null, got ${value}`);
  }
}
