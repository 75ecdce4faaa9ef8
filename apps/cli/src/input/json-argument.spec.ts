import { describe, expect, it } from '@jest/globals';
import { jsonArray, jsonObject } from './json-argument.js';

describe('an argument in JSON', () => {
  it('is an array, or an object', () => {
    expect(jsonArray('[1, "two", null]')).toEqual([1, 'two', null]);
    expect(jsonObject('{"x": {"y": 1e3}}')).toEqual({ x: { y: 1000 } });
  });

  it.each([['{}'], ['7'], ['null']])('is no array: %s', (text) => {
    expect(() => jsonArray(text)).toThrow('Expected a JSON array');
  });

  it.each([['[]'], ['"x"'], ['null']])('is no object: %s', (text) => {
    expect(() => jsonObject(text)).toThrow('Expected a JSON object');
  });

  it.each([
    ['[1, foo]', 6],
    ['[1, nul1]', 8],
    ['{x: 1}', 2],
    ["{'x': 1}", 2],
    ['[1 2]', 4],
    ['[1,]', 4],
    ['{"a":1,}', 8],
    ['["a\tb"]', 4],
    ['[01]', 3],
    ['[1]]', 4],
    ['foo', 2],
  ])('says where it is wrong: %s', (text, character) => {
    const parse = text.startsWith('{') ? jsonObject : jsonArray;
    expect(() => parse(text)).toThrow(
      `It is no JSON from character ${character} on:\n  ${text}\n  ${' '.repeat(character - 1)}^`,
    );
  });

  it('says the line too, where there are several', () => {
    expect(() => jsonArray('[\n  1,\n  two\n]')).toThrow('from line 3, character 4 on:\n    two\n     ^');
  });

  it.each([['['], ['["a'], ['{"a": tr'], [''], ['[1,'], ['"\\u12'], ['-']])(
    'says that it ends too early: %s',
    (text) => {
      expect(() => jsonArray(text)).toThrow('It is no JSON: it ends too early.');
    },
  );
});
