import { describe, expect, it } from '@jest/globals';
import { retryAfterSeconds } from './retry-after.js';

const NOW = Date.parse('2026-01-31T10:00:00Z');

describe('retryAfterSeconds', () => {
  it.each<[value: string | null, seconds: number]>([
    [null, 0],
    ['120', 120],
    ['0', 0],
    ['Sat, 31 Jan 2026 10:00:30 GMT', 30],
    ['Sat, 31 Jan 2026 09:00:00 GMT', 0],
    ['999999999', 86_400],
    ['soon', 0],
    ['-5', 0],
    ['', 0],
  ])('takes %j for %i s', (value, seconds) => {
    expect(retryAfterSeconds(value, NOW)).toBe(seconds);
  });
});
