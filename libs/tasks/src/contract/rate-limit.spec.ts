import { describe, expect, it } from '@jest/globals';
import { rateIntervalUs } from './rate-limit.js';

describe('rateIntervalUs', () => {
  it.each([
    ['10/s', 100_000],
    ['100/m', 600_000],
    ['1000/h', 3_600_000],
    ['0.5/s', 2_000_000],
    ['1/s', 1_000_000],
    // Rounded up: a third of a second would be a little too fast.
    ['3/s', 333_334],
    ['7/h', 514_285_715],
    ['5000000/s', 1],
    ['0/m', null],
    ['0.0/s', null],
    [null, null],
  ])('of %s is %s', (rate, intervalUs) => {
    expect(rateIntervalUs(rate)).toBe(intervalUs);
  });

  it.each([
    '',
    '10',
    'fast',
    '10/d',
    '-1/s',
    '1e3/s',
    '10/s/s',
    ' 10/s',
    '10 / s',
    '/s',
    '.5/s',
    'NaN/s',
    '0.01/h',
    '0',
  ])('refuses %p, and says what it expects', (rate) => {
    expect(() => rateIntervalUs(rate)).toThrow(/expected one such as 10\/s/);
  });
});
