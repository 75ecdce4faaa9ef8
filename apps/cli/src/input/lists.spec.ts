import { describe, expect, it } from '@jest/globals';
import { list, oneOf } from './lists.js';

describe('a list', () => {
  it('has commas between, and may be given in several parts', () => {
    expect(list('b, c', list('a'))).toEqual(['a', 'b', 'c']);
    expect(list('a,b,a', ['b'])).toEqual(['b', 'a']);
    expect(() => list('a,,b')).toThrow('Expected names with commas between.');
  });
});

describe('one of several', () => {
  const states = oneOf(['PENDING', 'STARTED', 'SUCCESS']);

  it('is taken in any case of letters, several with commas between', () => {
    expect(states('success,Started')).toEqual(['SUCCESS', 'STARTED']);
    expect(states('PENDING', ['STARTED'])).toEqual(['STARTED', 'PENDING']);
  });

  it('says which was meant, and which there are', () => {
    expect(() => states('STARTD')).toThrow(
      'There is no STARTD. Did you mean STARTED? There are PENDING, STARTED, SUCCESS.',
    );
    expect(() => states('xyz')).toThrow('There is no XYZ. There are PENDING, STARTED, SUCCESS.');
  });
});
