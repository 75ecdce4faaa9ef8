/**
 * Header values as AMQP field table values, for amqplib.
 * Source: AMQP 0-9-1 "Field tables" with RabbitMQ's errata, and `encodeFieldValue` in amqplib's lib/codec.js.
 */

const MIN_INT32 = -(2 ** 31);
const MAX_INT32 = 2 ** 31 - 1;
const MAX_UINT32 = 2 ** 32 - 1;
const MAX_KEY_BYTES = 255;
const MAX_NESTING = 100;

/** amqplib's key for "encode the value beside me as this type": `{'!': 'int32', value: 1}`. */
const TYPE_KEY = '!';

/** A header that no field table can hold. `path` says where, as in `stamps.tenant.0`. */
export class FieldTableError extends Error {
  override readonly name = 'FieldTableError';

  constructor(
    readonly path: string,
    problem: string,
  ) {
    super(`Header ${path} cannot be sent: ${problem}`);
  }
}

/**
 * Makes headers ready for amqplib's `publish`, recursively:
 * - a whole number in the range of int32 becomes `{'!': 'int32', value}`; any other number a double. By itself amqplib
 *   writes 128..32767 as int16 (`s`), which py-amqp reads as a short string: a Python worker then loops for ever over
 *   a connection that breaks.
 * - a Date becomes an AMQP timestamp (whole seconds), undefined is dropped (null in an array), a Buffer stays.
 * - the timestamps and decimals that amqplib itself makes of incoming headers go out as what they were. Every other
 *   object with a key `!` is sent as the table that it is, and cannot choose a type.
 *
 * To be called once, right before the headers are published: what it returns is for amqplib alone.
 *
 * @throws FieldTableError for functions, symbols and bigints, a Date before 1970 or an invalid one, a key of more than
 *   255 bytes, more than 100 levels (a cycle).
 */
export function toFieldTable(headers: Record<string, unknown>): Record<string, unknown> {
  return toTable(headers, []);
}

function toFieldValue(value: unknown, path: string[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return { [TYPE_KEY]: isInt32(value) ? 'int32' : 'double', value };
    case 'object':
      return value === null ? null : toFieldObject(value, path);
    default:
      throw new FieldTableError(path.join('.'), `a ${typeof value} has no AMQP type`);
  }
}

function toFieldObject(value: object, path: string[]): unknown {
  if (path.length > MAX_NESTING) throw new FieldTableError(path[0] ?? '', `nested deeper than ${MAX_NESTING}`);
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Date) return toTimestamp(value, path);
  if (Array.isArray(value)) {
    return value.map((item, i) => (item === undefined ? null : toFieldValue(item, [...path, String(i)])));
  }
  const table = value as Record<string, unknown>;
  return isDecodedByAmqplib(table) ? table : toTable(table, path);
}

function toTable(table: Record<string, unknown>, path: string[]): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const [key, value] of Object.entries(table)) {
    if (value === undefined) continue;
    if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
      throw new FieldTableError(
        [...path, key.slice(0, 40)].join('.'),
        `its name is longer than ${MAX_KEY_BYTES} bytes`,
      );
    }
    entries.push([key, toFieldValue(value, [...path, key])]);
  }
  return hideTypeKey(Object.fromEntries(entries));
}

/**
 * amqplib takes an object for a typed value if `!` is its own key, but writes inherited keys too (its own `publish`
 * builds headers with Object.create): moved to the prototype, the key travels as an ordinary one.
 */
function hideTypeKey(table: Record<string, unknown>): Record<string, unknown> {
  if (!Object.hasOwn(table, TYPE_KEY)) return table;
  const { [TYPE_KEY]: typeKey, ...rest } = table;
  return Object.setPrototypeOf(rest, { [TYPE_KEY]: typeKey }) as Record<string, unknown>;
}

/** Whether this is how amqplib shows an incoming timestamp or decimal, with a value that it can write again. */
function isDecodedByAmqplib(table: Record<string, unknown>): boolean {
  if (!Object.hasOwn(table, TYPE_KEY) || !Object.hasOwn(table, 'value') || Object.keys(table).length !== 2)
    return false;
  const { [TYPE_KEY]: type, value } = table;
  if (type === 'timestamp') return isCount(value, Number.MAX_SAFE_INTEGER);
  if (type !== 'decimal' || typeof value !== 'object' || value === null) return false;
  const { places, digits } = value as Record<string, unknown>;
  return isCount(places, 255) && isCount(digits, MAX_UINT32);
}

function toTimestamp(date: Date, path: string[]): unknown {
  const seconds = Math.floor(date.getTime() / 1000);
  if (!(seconds >= 0)) {
    throw new FieldTableError(path.join('.'), `an AMQP timestamp starts at 1970, got ${String(date)}`);
  }
  return { [TYPE_KEY]: 'timestamp', value: seconds };
}

function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= MIN_INT32 && value <= MAX_INT32;
}

function isCount(value: unknown, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
}
