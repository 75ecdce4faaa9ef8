import { describe, expect, it } from '@jest/globals';
import { nodeName } from './node-name.js';

describe('a node name', () => {
  it('has something on both sides of its @', () => {
    expect(nodeName(' mails@%h ')).toBe('mails@%h');
    expect(nodeName('mails')).toBe('mails');
    for (const name of ['', ' ', '@%h', 'mails@']) expect(() => nodeName(name)).toThrow('Expected a name');
  });
});
