import { expect, it } from '@jest/globals';
import { ToldOnce } from './told-once.js';

it('warns of what is new, of each subject by itself, and again after it was well', () => {
  const lines: string[] = [];
  const told = new ToldOnce({ log: () => undefined, warn: (line) => void lines.push(line) });
  told.warn('a', 'a is away');
  told.warn('b', 'b is away');
  told.warn('a', 'a is away');
  told.warn('a', 'a refuses');
  told.forget('a');
  told.warn('a', 'a refuses');
  told.warn('b', 'b is away');
  expect(lines).toEqual(['a is away', 'b is away', 'a refuses', 'a refuses']);
});
