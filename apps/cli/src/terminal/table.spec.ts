import { styleText } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { fields, table } from './table.js';
import type { Paint } from './terminal.js';

const plain: Paint = (_style, text) => text;
const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });
const rows = [
  ['one', coloured('red', 'FAILURE'), 'what was said of it'],
  ['twenty', 'OK', ''],
];

describe('table', () => {
  it('has columns as wide as their widest cells, whose colours count for nothing', () => {
    expect(table(['N', 'STATE', 'TEXT'], rows, plain, Infinity).split('\n')).toEqual([
      'N       STATE    TEXT',
      `one     ${coloured('red', 'FAILURE')}  what was said of it`,
      'twenty  OK',
    ]);
  });

  it('is cut off where the terminal ends', () => {
    expect(table(['N', 'STATE', 'TEXT'], rows, plain, 24).split('\n')[1]).toBe(
      `one     ${coloured('red', 'FAILURE')}  what w…`,
    );
  });
});

describe('fields', () => {
  it('stand one beside the other, all lines of them', () => {
    expect(fields([['id', '7'], ['result', '{\n}']], plain)).toBe('id      7\nresult  {\n        }'); // prettier-ignore
  });
});
