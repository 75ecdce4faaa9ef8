import { describe, expect, it } from '@jest/globals';
import { oneLine, printable } from './printable.js';

describe('what others wrote', () => {
  it('does nothing to a terminal', () => {
    expect(printable('a\x1B[2Jb\x07\x9Bc\r\n\td')).toBe('a\uFFFD[2Jb\uFFFD\uFFFDc\uFFFD\n\td');
  });

  it('fits into a line', () => {
    expect(oneLine('one\n\t two\x1B')).toBe('one two\uFFFD');
  });
});
