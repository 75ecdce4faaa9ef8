import { describe, expect, it } from '@jest/globals';
import { countText } from './count-text.js';

describe('a number for people', () => {
  it.each<[count: number, noun: string | undefined, text: string]>([
    [0, 'task', '0 tasks'],
    [1, 'dead letter', '1 dead letter'],
    [1234, 'message', '1,234 messages'],
    [1234, undefined, '1,234'],
  ])('%i %s is %s', (count, noun, text) => {
    expect(countText(count, noun)).toBe(text);
  });
});
