import { describe, expect, it } from '@jest/globals';
import { isTimeZone } from './time-zone.js';

describe('isTimeZone', () => {
  it.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['Mars/Olympus', false],
    ['', false],
    ['US/Pacific', true],
    ['CET', true],
    ['BST', false],
    ['pst', false],
    ['+02:00', false],
  ])('%j: %p', (name, is) => {
    expect(isTimeZone(name)).toBe(is);
  });
});
