import { describe, expect, it } from '@jest/globals';
import { timeText } from './time-text.js';

describe('a time for people', () => {
  it('is of the zone of this machine, to the second', () => {
    expect(timeText(new Date(2025, 10, 21, 16, 3, 31, 999))).toBe('2025-11-21 16:03:31');
    expect(timeText(null)).toBe('');
  });
});
