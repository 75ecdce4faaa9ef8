import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { applyInt64Patch, assertInt64PatchActive } from './amqplib-int64-patch.js';

interface Codec {
  decodeFields(slice: Buffer): Record<string, unknown>;
}

interface Defs {
  BasicProperties: number;
  decode(id: number, bytes: Buffer): { headers?: Record<string, unknown> };
}

const require = createRequire(import.meta.url);
const libFolder = join(dirname(require.resolve('amqplib')), 'lib');
const codec = require(join(libFolder, 'codec.js')) as Codec;
const defs = require(join(libFolder, 'defs.js')) as Defs;

// Basic properties that py-amqp 5.1.1 sends for the headers below; with `L` as tag, key and text.
const FROM_PYTHON = Buffer.from(
  'a000106170706c69636174696f6e2f6a736f6e0000007c026d734c0000019b76daa87b036e65674cfffffffed5fa0e000474657874530000' +
    '00104c313233343536374c4c4c4c4c4c4c4c066e65737465644600000036014c4c0020000000000000046c69737441000000214900000001' +
    '4c0000010000000000460000000e04646565704cffffff0000000000016e4900000005',
  'hex',
);

describe('the patch of amqplib for 64-bit integers', () => {
  it('reads what py-amqp wrote, at any depth, and leaves texts alone', () => {
    expect(defs.decode(defs.BasicProperties, FROM_PYTHON).headers).toEqual({
      ms: 1767225600123,
      neg: -5_000_000_000,
      text: 'L1234567LLLLLLLL',
      nested: { L: 2 ** 53, list: [1, 2 ** 40, { deep: -(2 ** 40) }] },
      n: 5,
    });
  });

  it('does not change the bytes that it was given', () => {
    const before = Buffer.from(FROM_PYTHON);
    defs.decode(defs.BasicProperties, FROM_PYTHON);
    expect(FROM_PYTHON.equals(before)).toBe(true);
  });

  it('is applied once only', () => {
    const patched = codec.decodeFields;
    applyInt64Patch();
    expect(codec.decodeFields).toBe(patched);
  });

  it('leaves the complaint about an unknown type to amqplib', () => {
    expect(() => codec.decodeFields(Buffer.from('\x01a?L', 'latin1'))).toThrow('Unexpected type tag "?"');
  });

  it('finds itself active', () => {
    expect(assertInt64PatchActive).not.toThrow();
  });

  it('finds itself inactive when amqplib was loaded before, and says what to do', async () => {
    jest.resetModules();
    require(join(libFolder, 'defs.js'));
    const late = await import('./amqplib-int64-patch.js');
    expect(late.assertInt64PatchActive).toThrow(late.Int64PatchInactiveError);
    expect(late.assertInt64PatchActive).toThrow(/must be imported before amqplib and amqp-connection-manager/);
  });
});
