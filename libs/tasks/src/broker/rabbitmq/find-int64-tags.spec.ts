import { describe, expect, it } from '@jest/globals';
import { findInt64Tags } from './find-int64-tags.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const EIGHT = '\0'.repeat(8);

describe('findInt64Tags', () => {
  it.each<[string, string, number[]]>([
    ['nothing', '', []],
    ['a value', `\x01aL${EIGHT}`, [2]],
    ['a key that looks like a tag', '\x02LLt\x01', []],
    ['a text that looks like a field', `\x01aS\0\0\0\x0b\x01aL${EIGHT}\x01bL${EIGHT}`, [20]],
    ['bytes that look like a field', `\x01ax\0\0\0\x03\x01aL\x01bV\x01cL${EIGHT}`, [15]],
    ['every type of fixed length before it', fixedTypes() + `\x01zL${EIGHT}`, [fixedTypes().length + 2]],
    ['a table within a table', `\x01aF\0\0\0\x0b\x01bL${EIGHT}\x01cL${EIGHT}`, [9, 20]],
    ['an array, whose values have no names', `\x01aA\0\0\0\x12L${EIGHT}L${EIGHT}\x01cL${EIGHT}`, [7, 16, 27]],
    ['empty tables and arrays', `\x01aF\0\0\0\0\x01bA\0\0\0\0\x01cL${EIGHT}`, [16]],
    ['an array that ends with a table', `\x01aA\0\0\0\x08F\0\0\0\x03\x01bV\x01cL${EIGHT}`, [17]],
    ['an empty key', `\0L${EIGHT}`, [1]],
  ])('%s', (_what, fields, offsets) => {
    expect(findInt64Tags(bytes(fields))).toEqual(offsets);
  });

  it.each<[string, string]>([
    ['an unknown tag', `\x01a?\x01bL${EIGHT}`],
    ['a key that is cut off', '\x09a'],
    ['a length that is cut off', '\x01aS\0\0'],
    ['a length beyond the end', '\x01aS\xff\xff\xff\xffL'],
  ])('ends without complaint at %s', (_what, fields) => {
    expect(findInt64Tags(bytes(fields))).toEqual([]);
  });

  it('takes any depth without recursion', () => {
    const levels = 20_000;
    const fields = Buffer.alloc(2 + levels * 5);
    fields.write('\x01a', 'latin1');
    for (let i = 0; i < levels; i++) {
      fields.write('A', 2 + i * 5, 'latin1');
      fields.writeUInt32BE((levels - i - 1) * 5, 3 + i * 5);
    }
    expect(findInt64Tags(fields)).toEqual([]);
  });
});

function fixedTypes(): string {
  const lengths = { t: 1, b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, f: 4, D: 5, l: 8, d: 8, T: 8, V: 0 };
  return Object.entries(lengths)
    .map(([tag, length]) => `\x01k${tag}${'L'.repeat(length)}`)
    .join('');
}
