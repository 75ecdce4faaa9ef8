import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { decodeTaskMessage } from '../../protocol/decode-task-message.js';
import { encodeTaskMessage } from '../../protocol/encode-task-message.js';
import { FieldTableError, toFieldTable } from './field-table.js';

interface Codec {
  encodeTable(buffer: Buffer, table: object, offset: number): number;
  decodeFields(slice: Buffer): Record<string, unknown>;
}

interface Fixture {
  headers: Record<string, unknown>;
  headerFieldTypes: Record<string, unknown>;
  body: unknown;
  bodyEncoding: 'json' | 'base64';
}

const require = createRequire(import.meta.url);
const codec = require(join(dirname(require.resolve('amqplib')), 'lib', 'codec.js')) as Codec;

/** The fields as amqplib puts them on the wire, by way of Object.create as its `publish` does. */
function encode(headers: Record<string, unknown>): Buffer {
  const scratch = Buffer.alloc(65536);
  const length = codec.encodeTable(scratch, Object.create(toFieldTable(headers)) as object, 0);
  return scratch.subarray(4, length);
}

/** Reads the type letters of encoded fields in the form of the fixtures: a letter, or an array or object of such. */
function readTypes(fields: Buffer): Record<string, unknown> {
  const types: [string, unknown][] = [];
  for (let offset = 0; offset < fields.length;) {
    const keyEnd = offset + 1 + (fields[offset] ?? 0);
    const key = fields.toString('utf8', offset + 1, keyEnd);
    const [type, end] = readType(fields, keyEnd);
    types.push([key, type]);
    offset = end;
  }
  return Object.fromEntries(types);
}

function readType(fields: Buffer, offset: number): [type: unknown, end: number] {
  const letter = String.fromCharCode(fields[offset] ?? 0);
  const start = offset + 1;
  const fixed: Record<string, number> = { V: 0, t: 1, I: 4, d: 8, T: 8, D: 5 };
  if (letter in fixed) return [letter, start + (fixed[letter] ?? 0)];
  if (!'SxFA'.includes(letter)) throw new Error(`unexpected type ${letter}`);
  const end = start + 4 + fields.readUInt32BE(start);
  if (letter === 'F') return [readTypes(fields.subarray(start + 4, end)), end];
  if (letter !== 'A') return [letter, end];
  const items: unknown[] = [];
  for (let at = start + 4; at < end;) {
    const [type, next] = readType(fields, at);
    items.push(type);
    at = next;
  }
  return [items, end];
}

describe('toFieldTable: the types that Celery sends', () => {
  const folder = join(import.meta.dirname, '..', '..', 'protocol', 'fixtures');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(tasks|canvas)\/.*\.json$/.test(name),
  );

  it.each(names)('%s has the captured types, and so has what we make of it', (name) => {
    const fixture = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Fixture;
    expect(readTypes(encode(fixture.headers))).toEqual(fixture.headerFieldTypes);
    if (fixture.headers['compression'] === 'application/x-bz2') return;
    const isJson = fixture.bodyEncoding === 'json';
    const request = decodeTaskMessage({
      properties: { contentType: 'application/json' },
      headers: fixture.headers,
      body: isJson ? Buffer.from(JSON.stringify(fixture.body)) : Buffer.from(fixture.body as string, 'base64'),
    });
    const { compression: _, ...types } = fixture.headerFieldTypes;
    const { headers } = encodeTaskMessage({ ...request, generation: 1 });
    expect(readTypes(encode(headers))).toEqual({ ...types, 'celeriac-generation': 'I' });
  });
});

describe('toFieldTable: numbers', () => {
  it('tags integers that amqplib would write as int16 as int32, byte for byte', () => {
    expect(encode({ retries: 128 }).toString('latin1')).toBe('\x07retriesI\x00\x00\x00\x80');
    expect(encode({ timelimit: [300, 120] }).toString('latin1')).toBe(
      '\x09timelimitA\x00\x00\x00\x0aI\x00\x00\x01\x2cI\x00\x00\x00\x78',
    );
  });

  it.each<[number, string]>([
    [0, 'I'],
    [-1, 'I'],
    [-129, 'I'],
    [32767, 'I'],
    [2 ** 31 - 1, 'I'],
    [-(2 ** 31), 'I'],
    [2 ** 31, 'd'],
    [-(2 ** 31) - 1, 'd'],
    [1767225600123, 'd'],
    [2 ** 53, 'd'],
    [0.5, 'd'],
    [1e300, 'd'],
    [NaN, 'd'],
    [-Infinity, 'd'],
  ])('%d has the type %s and its value', (value, type) => {
    const bytes = encode({ n: value, in: { array: [value] } });
    expect(readTypes(bytes)).toEqual({ n: type, in: { array: [type] } });
    expect(codec.decodeFields(bytes)).toEqual({ n: value, in: { array: [value] } });
  });
});

describe('toFieldTable: other values', () => {
  it('drops undefined in tables and sends null in its place in arrays', () => {
    expect(readTypes(encode({ a: undefined, b: { c: undefined }, d: [undefined, 'x'] }))).toEqual({
      b: {},
      d: ['V', 'S'],
    });
  });

  it('sends bytes and dates', () => {
    const bytes = encode({ raw: Buffer.from([1, 2]), at: new Date(1767225600999) });
    expect(readTypes(bytes)).toEqual({ raw: 'x', at: 'T' });
    expect(codec.decodeFields(bytes)).toEqual({
      raw: Buffer.from([1, 2]),
      at: { '!': 'timestamp', value: 1767225600 },
    });
  });

  it('sends on the timestamps and decimals that amqplib decoded', () => {
    const decoded = {
      at: { '!': 'timestamp', value: 5 },
      sum: [{ '!': 'decimal', value: { places: 2, digits: 314 } }],
    };
    const bytes = encode(decoded);
    expect(readTypes(bytes)).toEqual({ at: 'T', sum: ['D'] });
    expect(codec.decodeFields(bytes)).toEqual(decoded);
  });

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['an invalid date', new Date(NaN)],
    ['a date before 1970', new Date(-1)],
    ['a name too long', { ['ä'.repeat(128)]: 1 }],
  ])('refuses %s and says where', (_what, value) => {
    expect(() => toFieldTable({ a: [value] })).toThrow(FieldTableError);
    expect(() => toFieldTable({ a: [value] })).toThrow(/^Header a\.0/);
  });

  it('refuses a cycle', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => toFieldTable(cycle)).toThrow(/nested deeper than 100/);
  });

  it('leaves the headers that it was given alone', () => {
    const headers = { n: 1, list: [1], '!': 'x' };
    toFieldTable(headers);
    expect(headers).toEqual({ n: 1, list: [1], '!': 'x' });
  });
});

describe('toFieldTable: the key "!" chooses no type', () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ['int16', { '!': 'int16', value: 200 }, { '!': 'S', value: 'I' }],
    ['an unknown type', { '!': 'nonsense', value: 'x' }, { '!': 'S', value: 'S' }],
    ['a type that is a number', { '!': 5 }, { '!': 'I' }],
    ['a broken timestamp', { '!': 'timestamp', value: 'x' }, { '!': 'S', value: 'S' }],
    ['a negative timestamp', { '!': 'timestamp', value: -1 }, { '!': 'S', value: 'I' }],
    ['a timestamp and more', { '!': 'timestamp', value: 1, more: 1 }, { '!': 'S', value: 'I', more: 'I' }],
    ['a broken decimal', { '!': 'decimal', value: { places: 300 } }, { '!': 'S', value: { places: 'I' } }],
    ['decimal null', { '!': 'decimal', value: null }, { '!': 'S', value: 'V' }],
    ['one within another', { '!': { '!': 'int16', value: 1 } }, { '!': { '!': 'S', value: 'I' } }],
  ])('%s travels as the table that it is', (_what, value, types) => {
    const bytes = encode({ user: value, list: [value] });
    expect(readTypes(bytes)).toEqual({ user: types, list: [types] });
    expect(codec.decodeFields(bytes)).toEqual({ user: value, list: [value] });
  });

  it('also at the top', () => {
    expect(codec.decodeFields(encode({ '!': 'int16', value: 200 }))).toEqual({ '!': 'int16', value: 200 });
  });

  it('keeps a key __proto__ an ordinary one', () => {
    const headers = JSON.parse('{"__proto__":{"a":1},"in":{"!":"x","__proto__":{"b":2}}}') as Record<string, unknown>;
    expect(readTypes(encode(headers))).toEqual(
      JSON.parse('{"__proto__":{"a":"I"},"in":{"!":"S","__proto__":{"b":"I"}}}'),
    );
    expect(Object.getPrototypeOf(toFieldTable(headers))).toBe(Object.prototype);
  });
});
