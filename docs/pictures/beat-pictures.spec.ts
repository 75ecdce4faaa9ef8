import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { describeSchedule } from '@celeriac/schedule';
import { beatPictures } from './beat-pictures.js';
import { clockChangeTable } from './clock-change-table.js';

const DOCS = join(import.meta.dirname, '..');
const PAGE = readFileSync(join(DOCS, 'beat.md'), 'utf8');
const pictures = beatPictures();

describe('the pictures of docs/beat.md', () => {
  it.each([...pictures])('%s is what `npm run draw:beat` makes', (name, { svg }) => {
    expect(readFileSync(join(DOCS, 'images', name), 'utf8')).toBe(svg);
  });

  it('are all that there are', () => {
    const files = readdirSync(join(DOCS, 'images')).filter((name) => name.startsWith('beat-'));
    expect(files.toSorted()).toEqual([...pictures.keys()].toSorted());
  });

  it.each([...pictures])('%s is on the page, and its text says what is to be seen', (name, { title, description }) => {
    expect(PAGE).toContain(`![${title}. ${description}](images/${name})`);
  });

  it('have beside them a table of what is due when clocks are changed, as it is computed', () => {
    const [, table] = /\n(\| where and when \|[^]*?\|\n)\n/.exec(PAGE) ?? [];
    expect(table).toBe(clockChangeTable());
  });
});

describe('the words of docs/beat.md', () => {
  const [, rows = ''] = /\n\| crontab \| it is due \|\n\| --- \| --- \|\n([^]*?)\n\n/.exec(PAGE) ?? [];
  const examples = [...rows.matchAll(/^\| `(.*?)` \| (.*?) \|$/gm)].map(([, crontab = '', words = '']) => ({
    crontab,
    words,
  }));

  it('says of each crontab what the page says', () => {
    const said = examples.map(({ crontab }) => ({
      crontab,
      words: describeSchedule({ type: 'crontab', crontab, timezone: 'UTC' }).times.replace(/, UTC$/, ''),
    }));
    expect(examples).toEqual(said);
    expect(examples.length).toBeGreaterThan(10);
  });
});
