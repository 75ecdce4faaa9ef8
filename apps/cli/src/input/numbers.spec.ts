import { describe, expect, it } from '@jest/globals';
import { decimal, seconds, wholeNumber } from './numbers.js';

describe('a whole number', () => {
  it.each([['0'], ['abc'], ['1.5'], ['-1'], ['1e3'], [''], ['0x10']])('is not %s', (text) => {
    expect(() => wholeNumber(1)(text)).toThrow('Expected a whole number of 1 or more.');
  });

  it('has bounds', () => {
    expect(wholeNumber(0, 255)('255')).toBe(255);
    expect(() => wholeNumber(0, 255)('256')).toThrow('from 0 to 255');
  });
});

describe('seconds', () => {
  it('are a number of 0 or more', () => {
    expect(seconds('0.5')).toBe(0.5);
    expect(seconds('0')).toBe(0);
    for (const text of ['-1', 'soon', '']) expect(() => seconds(text)).toThrow('Expected seconds');
  });
});

describe('a number', () => {
  it('may have a sign and decimals', () => {
    expect(['48.21', '-16.37', '+7', '0'].map(decimal)).toEqual([48.21, -16.37, 7, 0]);
    for (const text of ['', 'north', '48,21', '1e3']) expect(() => decimal(text)).toThrow('Expected a number');
  });
});
