import { describe, expect, it } from '@jest/globals';
import { bindArgs } from './bind-args.js';
import { InvalidTaskInputError } from './invalid-task-input.error.js';

const add = { name: 'add', args: ['x', 'y'] };

describe('bindArgs', () => {
  it.each([
    [[], {}, {}],
    [[], { x: 1, z: 2 }, { x: 1, z: 2 }],
    [[1], { y: 2 }, { x: 1, y: 2 }],
    [[1, null], {}, { x: 1, y: null }],
  ])('binds %j and %j as %j', (args, kwargs, input) => {
    expect(bindArgs(add, args, kwargs)).toEqual(input);
  });

  it.each([
    [add, [1, 2, 3], {}, 'args', 'expected at most 2 (x, y), got 3 positional'],
    [{ name: 'add', args: [] }, [1], {}, 'args', 'expected keyword arguments only, got 1 positional'],
    [add, [1], { x: 2 }, 'x', 'given twice, by position and by name'],
  ])('refuses for %j the args %j and %j', (contract, args, kwargs, path, message) => {
    expect(() => bindArgs(contract, args, kwargs)).toThrow(new InvalidTaskInputError('add', [{ path, message }]));
  });

  it('takes a name that objects inherit for an ordinary one', () => {
    expect(bindArgs({ name: 'add', args: ['toString'] }, [1], {})).toEqual({ toString: 1 });
  });
});
