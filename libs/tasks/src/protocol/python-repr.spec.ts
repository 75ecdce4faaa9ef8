import { describe, expect, it } from '@jest/globals';
import { argsRepr, kwargsRepr, pythonRepr } from './python-repr.js';

const LONE_SURROGATE = /\p{Surrogate}/u;

describe('pythonRepr', () => {
  it.each<[unknown, string]>([
    [null, 'None'],
    [true, 'True'],
    [false, 'False'],
    [0, '0'],
    [-0, '0'],
    [2.5, '2.5'],
    [1e-7, '1e-07'],
    [0.00001, '1e-05'],
    [0.0001, '0.0001'],
    [1.5e-10, '1.5e-10'],
    [1e21, '1e+21'],
    ['', "''"],
    ['ä€😀', "'ä€😀'"],
    ["it's", '"it\'s"'],
    ['say "x"', '\'say "x"\''],
    ['it\'s "x"', "'it\\'s \"x\"'"],
    ['back\\slash', "'back\\\\slash'"],
    ['\n\r\t', "'\\n\\r\\t'"],
    ['\u0000\u007f\u0080\u00a0\u00ad', "'\\x00\\x7f\\x80\\xa0\\xad'"],
    ['\u200b\u2028\ue000\ud800', "'\\u200b\\u2028\\ue000\\ud800'"],
    ['\u{10ffff}', "'\\U0010ffff'"],
    [[], '[]'],
    [[1, [2, []]], '[1, [2, []]]'],
    [{}, '{}'],
    [{ a: null, 'b"': { c: [true] } }, `{'a': None, 'b"': {'c': [True]}}`],
  ])('%p is %s', (value, expected) => {
    expect(pythonRepr(value)).toBe(expected);
  });

  it('shows what arrives after the way through JSON', () => {
    const value = { gone: undefined, at: new Date(0), list: [undefined, NaN, Infinity, () => 1] };
    expect(pythonRepr(value)).toBe("{'at': '1970-01-01T00:00:00.000Z', 'list': [None, None, None, None]}");
  });
});

describe('argsRepr and kwargsRepr', () => {
  it('writes tuples as Python does', () => {
    expect(argsRepr([])).toBe('()');
    expect(argsRepr([1])).toBe('(1,)');
    expect(argsRepr([1, 'a'])).toBe("(1, 'a')");
  });

  it('writes dicts', () => {
    expect(kwargsRepr({})).toBe('{}');
    expect(kwargsRepr({ a: { b: [1, 2.5, null, true, 'ä'] } })).toBe("{'a': {'b': [1, 2.5, None, True, 'ä']}}");
  });

  it('leaves 1024 characters alone and cuts one more', () => {
    expect(argsRepr(['x'.repeat(1019)])).toBe(`('${'x'.repeat(1019)}',)`);
    expect(argsRepr(['x'.repeat(1020)])).toBe(`('${'x'.repeat(1019)}...`);
    expect(argsRepr(['x'.repeat(1020)])).toHaveLength(1024);
  });

  it('cuts no character in two', () => {
    const text = argsRepr(['😀'.repeat(2000), 'x']);
    expect(text).toBe(`('${'😀'.repeat(509)}...`);
    expect(text).not.toMatch(LONE_SURROGATE);
    expect(argsRepr([`x${'😀'.repeat(2000)}`])).not.toMatch(LONE_SURROGATE);
  });

  it('looks at the start of a large value only, and ends at a cycle', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle, cycle);
    const started = performance.now();
    expect(argsRepr(cycle)).toMatch(/^\(\[\[\[.*\[\.\.\.$/);
    expect(argsRepr(Array(1_000_000).fill('x'))).toHaveLength(1024);
    expect(kwargsRepr({ body: 'ä\n'.repeat(5_000_000) })).toHaveLength(1024);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
