import { describe, expect, it } from '@jest/globals';
import { scanJson } from './json-scan.js';

describe('scanJson', () => {
  it.each<[string, number]>([
    ['1', 0],
    ['[]', 1],
    ['[1,[2],[3]]', 2],
    ['{"a":[{"b":1}]}', 3],
    ['["[[[[","]"]', 1],
    ['["\\"[[[[",{}]', 2],
    ['["\\\\",[[]]]', 3],
    ['["ä[€[😀["]', 1],
  ])('%s is %i deep', (text, depth) => {
    expect(scanJson(Buffer.from(text))).toEqual({ depth, hasNonFinite: false });
  });

  it('sees NaN and Infinity, but not in strings', () => {
    expect(scanJson(Buffer.from('[NaN]')).hasNonFinite).toBe(true);
    expect(scanJson(Buffer.from('[-Infinity]')).hasNonFinite).toBe(true);
    expect(scanJson(Buffer.from('["NaN \\" Infinity", 1E5]')).hasNonFinite).toBe(false);
  });
});
