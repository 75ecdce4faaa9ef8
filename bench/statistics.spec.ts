import { describe, expect, it } from '@jest/globals';
import { percentile, summaryOf } from './statistics.js';

describe('summaryOf', () => {
  it.each([
    [[3, 1, 2], { median: 2, min: 1, max: 3 }],
    [[4, 1, 2, 3], { median: 2.5, min: 1, max: 4 }],
    [[5], { median: 5, min: 5, max: 5 }],
  ])('of %j is %j', (values, summary) => {
    expect(summaryOf(values)).toEqual(summary);
  });

  it('of nothing is an error, and not a number', () => {
    expect(() => summaryOf([])).toThrow(/nothing to sum up/);
  });
});

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
    [0, 1],
  ])('%d of 1 to 100 is %d', (fraction, value) => {
    expect(percentile(hundred, fraction)).toBe(value);
  });
});
