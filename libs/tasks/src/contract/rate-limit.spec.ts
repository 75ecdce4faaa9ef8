import { describe, expect, it } from '@jest/globals';
import { isRate, rateIntervalUs } from './rate-limit.js';

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
});

describe('isRate', () => {
  it.each(['10/s', '100/m', '0.5/s', '0/m', '1/h', '0.05/h'])('knows %p', (rate) => {
    expect(isRate(rate)).toBe(true);
  });

  it.each([
    '',
    '10',
    'fast',
    '10/d',
    '-1/s',
    '-0/s',
    '1e3/s',
    '0e3/s',
    '10/s/s',
    ' 10/s',
    '/s',
    '.5/s',
    'NaN/s',
    10,
    null,
  ])('does not know %p', (rate) => {
    expect(isRate(rate)).toBe(false);
  });

  it('wants one a day at least', () => {
    expect([isRate('0.0417/h'), isRate('0.0416/h')]).toEqual([true, false]);
  });
});
