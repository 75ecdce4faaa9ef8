import { describe, expect, it } from '@jest/globals';
import { every } from './every.js';

describe('how often', () => {
  it.each([
    ['90s', 90, 'seconds'],
    ['30m', 30, 'minutes'],
    ['2h', 2, 'hours'],
    ['7d', 7, 'days'],
  ])('is %s', (text, count, period) => {
    expect(every(text)).toEqual({ every: count, period });
  });

  it.each([[''], ['0m'], ['1.5h'], ['-1h'], ['30'], ['30 m'], ['30M'], ['1w'], ['m']])('is not "%s"', (text) => {
    expect(() => every(text)).toThrow('Expected how often, as a whole number of s, m, h or d: 90s, 30m, 2h, 7d.');
  });
});
