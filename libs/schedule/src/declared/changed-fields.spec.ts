import { describe, expect, it } from '@jest/globals';
import { changedFields } from './changed-fields.js';
import { jsonOf } from './merge-entry.js';
import { definitionOf, type Entry } from '../entry/entry.js';
import { parseEntry } from '../entry/parse-entry.js';
import { whyDisabled } from '../entry/why-disabled.js';

const RUN = new Date('2026-03-01T07:00:00Z');

function entry(fields: Partial<Entry> = {}): Entry {
  const definition = parseEntry({
    name: 'report',
    task: 'shop.report',
    schedule: { type: 'crontab', crontab: '0 7 * * *', timezone: 'UTC' },
  });
  const news = { nextRunAt: null, lastRunAt: RUN, lastTaskId: null, totalRuns: 1, problem: null, createdAt: RUN };
  return { ...definition, ...news, declared: jsonOf(definition), ...fields };
}

describe('why an entry is disabled', () => {
  it.each<[fields: Partial<Entry>, why: string | null]>([
    [{ enabled: true }, null],
    [{ enabled: false }, 'wanted'],
    [{ enabled: false, problem: 'broken' }, 'problem'],
    [{ enabled: false, oneOff: true }, 'ended'],
    [{ enabled: false, oneOff: true, lastRunAt: null }, 'wanted'],
    [{ enabled: false, endsAt: new Date('2026-03-02T07:00:00Z') }, 'ended'],
    [{ enabled: false, schedule: { type: 'clocked', at: RUN } }, 'ended'],
    [{ enabled: false, schedule: null, problem: 'none' }, 'problem'],
  ])('%j: %s', (fields, why) => {
    expect(whyDisabled(entry(fields))).toBe(why);
  });
});

describe('what was changed of an entry in the database', () => {
  it.each<[fields: Partial<Entry>, changed: string[]]>([
    [{}, []],
    [{ enabled: false }, ['enabled']],
    [{ enabled: false, problem: 'broken' }, []],
    [{ kwargs: { a: 1 }, jitterSeconds: 5 }, ['kwargs', 'jitterSeconds']],
    [{ schedule: null }, ['schedule']],
    [{ description: 'other', declared: null }, []],
  ])('%j: %j', (fields, changed) => {
    expect(changedFields(entry(fields))).toEqual(changed);
  });

  it('is nothing where the times are the same', () => {
    const fields = { startsAt: RUN, schedule: { type: 'clocked', at: RUN } } as const;
    const declared = jsonOf(definitionOf(entry(fields)));
    expect(changedFields(entry({ ...fields, declared }))).toEqual([]);
  });
});
