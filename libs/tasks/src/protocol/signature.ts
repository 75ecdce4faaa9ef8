import { parseIso } from './iso-times.js';
import { MAX_TASK_ID_BYTES } from './task-message.js';

/** AMQP's short string: names of queues and exchanges, routing keys. */
const MAX_NAME_BYTES = 255;

/** The call of a task as data: what a canvas is made of. Celery's `Signature`. */
export interface Signature {
  /** The task's name, or `celery.chain`, `celery.group`, `celery.chord`. */
  task: string;
  args: unknown[];
  kwargs: Record<string, unknown>;
  /** Those of `apply_async`; see {@link readSignatureOptions}. */
  options: Record<string, unknown>;
  /** The result of the task before it is not put before its args. */
  immutable: boolean;
}

/** The options of a signature that are honoured; null where it has none. */
export interface SignatureOptions {
  taskId: string | null;
  queue: string | null;
  /** Empty: AMQP's default exchange. */
  exchange: string | null;
  routingKey: string | null;
  countdownSeconds: number | null;
  eta: Date | null;
  /** A time, or seconds from now. */
  expires: Date | number | null;
  priority: number | null;
  timeLimitSeconds: number | null;
  softTimeLimitSeconds: number | null;
  ignoreResult: boolean | null;
  shadow: string | null;
  replyTo: string | null;
  groupId: string | null;
  groupIndex: number | null;
  /** Signatures, not read yet. */
  link: unknown[] | null;
  linkError: unknown[] | null;
  /** What remains of a chain, the next one last. */
  chain: unknown[] | null;
  chord: unknown;
  /** User headers; with the stamps, if it has any. */
  headers: Record<string, unknown>;
}

/** Something that should be a signature is none. */
export class InvalidSignatureError extends Error {
  override readonly name = 'InvalidSignatureError';

  constructor(
    /** The part at fault, as in `options.task_id`; empty for the whole. */
    readonly field: string,
    problem: string,
  ) {
    super(`Not a signature: ${field === '' ? '' : `${field} `}${problem}`);
  }
}

/**
 * Reads a signature. What may be absent is: args, kwargs, options.
 *
 * @throws {@link InvalidSignatureError}
 */
export function readSignature(value: unknown): Signature {
  if (!isObject(value)) throw new InvalidSignatureError('', 'it must be an object');
  const { args = [], kwargs = {}, options = {} } = withoutNulls(value);
  if (!Array.isArray(args)) throw new InvalidSignatureError('args', 'must be an array');
  if (!isObject(kwargs)) throw new InvalidSignatureError('kwargs', 'must be an object');
  if (!isObject(options)) throw new InvalidSignatureError('options', 'must be an object');
  const task = new OptionReader(value, '').text('task', MAX_NAME_BYTES);
  if (task === null) throw new InvalidSignatureError('task', 'must be the name of a task');
  return { task, args, kwargs, options, immutable: value['immutable'] === true };
}

/** @throws {@link InvalidSignatureError} for an option of a type or value that it cannot have */
export function readSignatureOptions(options: Record<string, unknown>): SignatureOptions {
  const read = new OptionReader(options, 'options.');
  return {
    taskId: read.text('task_id', MAX_TASK_ID_BYTES),
    queue: read.text('queue', MAX_NAME_BYTES),
    exchange: options['exchange'] === '' ? '' : read.text('exchange', MAX_NAME_BYTES),
    routingKey: read.text('routing_key', MAX_NAME_BYTES),
    countdownSeconds: read.number('countdown'),
    eta: read.time('eta'),
    expires: typeof options['expires'] === 'number' ? read.number('expires') : read.time('expires'),
    priority: read.number('priority', 255),
    timeLimitSeconds: read.number('time_limit'),
    softTimeLimitSeconds: read.number('soft_time_limit'),
    ignoreResult: read.flag('ignore_result'),
    shadow: read.text('shadow'),
    replyTo: read.text('reply_to', MAX_NAME_BYTES),
    groupId: read.text('group_id'),
    groupIndex: read.number('group_index'),
    link: signatureList(options['link']),
    linkError: signatureList(options['link_error']),
    chain: signatureList(options['chain']),
    chord: options['chord'] ?? null,
    headers: { ...read.object('headers'), ...stampsOf(options, read) },
  };
}

/** Celery takes one signature or several where it takes any. @returns null for none */
export function signatureList(value: unknown): unknown[] | null {
  if (value === undefined || value === null) return null;
  return Array.isArray(value) ? value : [value];
}

/** Celery 5.6 has stamps as options of their own, named in `stamped_headers`; in a message they are two headers. */
function stampsOf(options: Record<string, unknown>, read: OptionReader): Record<string, unknown> {
  const names = read.list('stamped_headers')?.filter((name) => typeof name === 'string') ?? [];
  if (names.length === 0) return {};
  const stamps = names.filter((name) => Object.hasOwn(options, name)).map((name) => [name, options[name]]);
  return { stamped_headers: names, stamps: Object.fromEntries(stamps) as Record<string, unknown> };
}

/** Reads options, each with its type. Absent, null and empty text are the same. */
class OptionReader {
  constructor(
    private readonly options: Record<string, unknown>,
    private readonly prefix: string,
  ) {}

  raw(name: string): unknown {
    return Object.hasOwn(this.options, name) ? (this.options[name] ?? null) : null;
  }

  text(name: string, maxBytes = Infinity): string | null {
    const value = this.raw(name);
    if (value === null || value === '') return null;
    // Postgres stores no text with a NUL, and AMQP no name longer than that.
    const isFit = typeof value === 'string' && !value.includes('\0');
    if (isFit && Buffer.byteLength(value) <= maxBytes) return value;
    throw this.error(name, `must be text${maxBytes === Infinity ? '' : ` of ${maxBytes} bytes at most`}`);
  }

  number(name: string, max = Number.MAX_SAFE_INTEGER): number | null {
    const value = this.raw(name);
    if (value === null) return null;
    if (typeof value === 'number' && value >= 0 && value <= max) return value;
    throw this.error(name, 'must be a number that is not negative');
  }

  flag(name: string): boolean | null {
    const value = this.raw(name);
    if (value === null || typeof value === 'boolean') return value;
    throw this.error(name, 'must be true or false');
  }

  /** A time as text, which Celery 5.6 wraps: `{"__type__": "datetime", "__value__": text}`. */
  time(name: string): Date | null {
    const value = this.raw(name);
    if (value === null) return null;
    const isWrapped = isObject(value) && value['__type__'] === 'datetime';
    try {
      return parseIso((isWrapped ? value['__value__'] : value) as string);
    } catch {
      throw this.error(name, 'must be an ISO 8601 time');
    }
  }

  list(name: string): unknown[] | null {
    const value = this.raw(name);
    if (value === null || Array.isArray(value)) return value;
    throw this.error(name, 'must be an array');
  }

  object(name: string): Record<string, unknown> {
    const value = this.raw(name) ?? {};
    if (isObject(value)) return value;
    throw this.error(name, 'must be an object');
  }

  private error(name: string, problem: string): InvalidSignatureError {
    return new InvalidSignatureError(`${this.prefix}${name}`, problem);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutNulls(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
