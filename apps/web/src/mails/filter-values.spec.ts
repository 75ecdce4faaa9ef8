import { describe, expect, it } from '@jest/globals';
import { filterQuery, filterValues, filterWords, isFiltering, leftOut, mailFilterOf } from './filter-values.js';

const EMPTY = { state: '', recipient: '', text: '', since: '', until: '', zone: 'UTC' };

describe('filterValues', () => {
  it.each<[query: unknown, change: object]>([
    [undefined, {}],
    [{ state: 'nonsense', before: 'x', zone: 'Mars/Olympus', since: 'yesterday' }, {}],
    [{ state: ['sent', 'failed'], text: 'a\0b', recipient: 'x'.repeat(201) }, {}],
    [
      { state: 'sent', text: ' menu ', recipient: 'ann' },
      { state: 'sent', text: 'menu', recipient: 'ann' },
    ],
    [
      { since: '2026-01-02T10:00', zone: 'Europe/Berlin' },
      { since: '2026-01-02T10:00', zone: 'Europe/Berlin' },
    ],
  ])('of %j', (query, change) => {
    expect(filterValues(query)).toEqual({ ...EMPTY, ...change });
  });
});

describe('leftOut', () => {
  it.each<[query: Record<string, unknown>, words: string[]]>([
    [{ text: 'menu', recipient: ' ', since: '', zone: 'Mars/Olympus', before: 'x' }, []],
    [{ text: 'x'.repeat(201) }, ['“Subject or message” was left out: it has more than 200 characters.']],
    [
      { state: 'nonsense', recipient: 'a\0b', since: ['2026-01-02T10:00', '2026-01-02T10:00'], until: 'soon' },
      ['State', 'Recipient', 'Since', 'Until'].map((label) => `“${label}” was left out: nothing can be like that.`),
    ],
  ])('of %j says: %j', (query, words) => {
    expect(leftOut(query, filterValues(query))).toEqual(words);
  });
});

describe('mailFilterOf', () => {
  it('asks for what was typed, in the zone it was typed for, the last minute included', () => {
    const values = filterValues({
      state: 'failed',
      recipient: '@exämple.com',
      text: '100%',
      since: '2026-01-02T10:00',
      until: '2026-01-02T11:00',
      zone: 'Europe/Berlin',
    });
    expect(mailFilterOf(values)).toEqual({
      state: 'failed',
      recipient: '@xn--exmple-cua.com',
      text: '100%',
      since: new Date('2026-01-02T09:00:00Z'),
      until: new Date('2026-01-02T10:01:00Z'),
    });
  });

  it('asks for all when nothing was typed', () => {
    expect(isFiltering(mailFilterOf(EMPTY))).toBe(false);
    expect(isFiltering(mailFilterOf({ ...EMPTY, text: 'x' }))).toBe(true);
  });
});

describe('filterWords', () => {
  it.each<[values: object, words: string]>([
    [{}, ''],
    [{ state: 'retrying' }, 'Will be tried again'],
    [
      { recipient: 'ann', text: 'menu', since: '2026-01-02T10:00', until: '2026-01-02T11:00' },
      'to ann, with “menu”, since 2026-01-02 10:00, until 2026-01-02 11:00',
    ],
  ])('of %j are "%s"', (values, words) => {
    expect(filterWords({ ...EMPTY, ...values })).toBe(words);
  });
});

describe('filterQuery', () => {
  it.each<[values: object, place: Record<string, string>, query: string]>([
    [{}, {}, ''],
    [{}, { before: 'x' }, '?before=x'],
    [{ text: 'a & b', zone: 'Europe/Berlin' }, {}, '?text=a+%26+b'],
    [{ since: '2026-01-02T10:00', zone: 'Europe/Berlin' }, {}, '?since=2026-01-02T10%3A00&zone=Europe%2FBerlin'],
  ])('of %j at %j is %s', (values, place, query) => {
    expect(filterQuery({ ...EMPTY, ...values }, place)).toBe(query);
  });
});
