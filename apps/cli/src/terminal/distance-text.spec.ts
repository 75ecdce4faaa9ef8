import { describe, expect, it } from '@jest/globals';
import { distanceText } from './distance-text.js';

describe('how far a time is', () => {
  it.each([
    [0, 'now'],
    [-999, 'now'],
    [1000, 'in 1s'],
    [59_999, 'in 59s'],
    [-60_000, '1m ago'],
    [7_199_000, 'in 1h'],
    [-86_400_000 * 400, '400d ago'],
  ])('%i ms is %s', (distanceMs, text) => {
    const now = new Date('2026-03-01T12:00:00Z');
    expect(distanceText(new Date(now.getTime() + distanceMs), now)).toBe(text);
  });
});
