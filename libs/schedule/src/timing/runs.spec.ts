import { describe, expect, it } from '@jest/globals';
import { lastRun, nextRun, nextRuns } from './runs.js';
import type { Schedule, SolarEvent } from './schedule.js';

function crontab(pattern: string, timezone: string): Schedule {
  return { type: 'crontab', crontab: pattern, timezone };
}

/** On the clock of the place. */
function wallTimes(schedule: Schedule, timezone: string, after: string, count: number): string[] {
  const format = new Intl.DateTimeFormat('sv', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' });
  return nextRuns(schedule, new Date(after), count).map((run) => format.format(run).slice(5));
}

function isoTimes(schedule: Schedule, after: string, count: number): string[] {
  return nextRuns(schedule, new Date(after), count).map((run) => run.toISOString().replace(':00.000Z', 'Z'));
}

describe('a crontab', () => {
  it.each<[pattern: string, after: string, times: string[]]>([
    ['*/20 * * * *', '2026-01-01T00:00Z', ['01-01 00:20', '01-01 00:40', '01-01 01:00']],
    ['0 7 * * MON-FRI', '2026-01-02T12:00Z', ['01-05 07:00', '01-06 07:00']],
    ['0 0 L * *', '2026-01-31T12:00Z', ['02-28 00:00', '03-31 00:00', '04-30 00:00']],
    ['0 0 31 * *', '2026-01-31T12:00Z', ['03-31 00:00', '05-31 00:00', '07-31 00:00']],
    ['0 0 29 2 *', '2026-01-01T00:00Z', ['02-29 00:00']],
    ['0 0 1 */3 *', '2026-01-01T00:00Z', ['04-01 00:00', '07-01 00:00', '10-01 00:00', '01-01 00:00']],
    ['0 0 * * FRI#2', '2026-01-01T00:00Z', ['01-09 00:00', '02-13 00:00']],
    ['0 0 * * FRI#L', '2026-01-01T00:00Z', ['01-30 00:00', '02-27 00:00']],
    ['0 0 15W * *', '2026-01-01T00:00Z', ['01-15 00:00', '02-16 00:00']],
    ['0 0 LW * *', '2026-01-01T00:00Z', ['01-30 00:00', '02-27 00:00']],
    ['@daily', '2026-01-01T12:00Z', ['01-02 00:00', '01-03 00:00']],
    ['0 7 1 * MON', '2026-01-01T00:00Z', ['01-01 07:00', '01-05 07:00', '01-12 07:00']],
    ['0 7 1 * +MON', '2026-01-01T00:00Z', ['06-01 07:00', '02-01 07:00']],
    ['0 */5 * * *', '2026-01-01T14:00Z', ['01-01 15:00', '01-01 20:00', '01-02 00:00']],
    ['59 23 31 12 *', '2026-06-01T00:00Z', ['12-31 23:59']],
  ])('%s after %s is due at %j', (pattern, after, times) => {
    expect(wallTimes(crontab(pattern, 'UTC'), 'UTC', after, times.length)).toEqual(times);
  });

  // The table of Celery's user guide.
  it.each<[celery: string, pattern: string, times: string[]]>([
    ["minute=0, hour='*/3'", '0 */3 * * *', ['01-01 03:00', '01-01 06:00', '01-01 09:00', '01-01 12:00']],
    [
      "minute='*/10', hour='3,17,22', day_of_week='thu,fri'",
      '*/10 3,17,22 * * THU,FRI',
      ['01-01 03:00', '01-01 03:10'],
    ],
    ["minute=0, hour='*/2,*/3'", '0 */2,*/3 * * *', ['01-01 02:00', '01-01 03:00', '01-01 04:00', '01-01 06:00']],
    ["minute=0, hour='*/3,8-17'", '0 */3,8-17 * * *', ['01-01 03:00', '01-01 06:00', '01-01 08:00', '01-01 09:00']],
    ["0, 0, day_of_month='2-30/2'", '0 0 2-30/2 * *', ['01-02 00:00', '01-04 00:00']],
    ["0, 0, day_of_month='11', month_of_year='5'", '0 0 11 5 *', ['05-11 00:00', '05-11 00:00']],
    ["0, 0, month_of_year='*/3'", '0 0 * */3 *', ['01-02 00:00', '01-03 00:00']],
  ])("of Celery's, crontab(%s), is %s: %j", (_celery, pattern, times) => {
    expect(wallTimes(crontab(pattern, 'UTC'), 'UTC', '2026-01-01T00:00Z', times.length)).toEqual(times);
  });

  it('of the leap day is due in leap years, and not in 2100', () => {
    const years = nextRuns(crontab('0 0 29 2 *', 'UTC'), new Date('2090-01-01'), 3).map((run) => run.getUTCFullYear());
    expect(years).toEqual([2092, 2096, 2104]);
  });
});

// Clocks go forward over 02:30 (Havana: 00:30; Lord Howe: half an hour, over 02:15), and back over 02:30 (New York:
// 01:30; Lord Howe: over 01:45).
describe('with one time of the day, when clocks are changed', () => {
  it.each<[timezone: string, pattern: string, after: string, times: string[]]>([
    ['Europe/Vienna', '30 2 * * *', '2026-03-27T12:00Z', ['03-28T01:30Z', '03-29T01:00Z', '03-30T00:30Z']],
    ['America/New_York', '30 2 * * *', '2026-03-06T12:00Z', ['03-07T07:30Z', '03-08T07:00Z', '03-09T06:30Z']],
    ['Australia/Sydney', '30 2 * * *', '2026-10-02T12:00Z', ['10-02T16:30Z', '10-03T16:00Z', '10-04T15:30Z']],
    ['America/Havana', '30 0 * * *', '2026-03-06T12:00Z', ['03-07T05:30Z', '03-08T05:00Z', '03-09T04:30Z']],
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-02T14:00Z', ['10-02T15:45Z', '10-03T15:30Z', '10-04T15:15Z']],
    ['Asia/Kathmandu', '30 2 * * *', '2026-03-27T12:00Z', ['03-27T20:45Z', '03-28T20:45Z', '03-29T20:45Z']],
  ])('in %s, %s is due right after a gap: %s', (timezone, pattern, after, times) => {
    expect(isoTimes(crontab(pattern, timezone), after, 3)).toEqual(times.map((time) => `2026-${time}`));
  });

  it.each<[timezone: string, pattern: string, after: string, times: string[]]>([
    ['Europe/Vienna', '30 2 * * *', '2026-10-23T12:00Z', ['10-24T00:30Z', '10-25T00:30Z', '10-26T01:30Z']],
    ['America/New_York', '30 1 * * *', '2026-10-30T12:00Z', ['10-31T05:30Z', '11-01T05:30Z', '11-02T06:30Z']],
    ['Australia/Sydney', '30 2 * * *', '2026-04-03T12:00Z', ['04-03T15:30Z', '04-04T15:30Z', '04-05T16:30Z']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-03T12:00Z', ['04-03T14:45Z', '04-04T14:45Z', '04-05T15:15Z']],
  ])('in %s, %s is due the first time that it comes: %s', (timezone, pattern, after, times) => {
    expect(isoTimes(crontab(pattern, timezone), after, 3)).toEqual(times.map((time) => `2026-${time}`));
  });
});

describe('with many times of the day, when clocks are changed', () => {
  it.each<[timezone: string, after: string, times: string[]]>([
    ['Europe/Vienna', '2026-03-29T00:00Z', ['03-29 01:30', '03-29 03:00', '03-29 03:30']],
    ['America/New_York', '2026-03-08T06:00Z', ['03-08 01:30', '03-08 03:00', '03-08 03:30']],
    ['Australia/Sydney', '2026-10-03T15:00Z', ['10-04 01:30', '10-04 03:00', '10-04 03:30']],
  ])('in %s what does not exist is left out', (timezone, after, times) => {
    expect(wallTimes(crontab('*/30 * * * *', timezone), timezone, after, 3)).toEqual(times);
  });

  it('what is due in the gap alone is not due on that day', () => {
    const after = '2026-03-28T12:00Z';
    const times = (pattern: string): string[] =>
      wallTimes(crontab(pattern, 'Europe/Vienna'), 'Europe/Vienna', after, 2);
    expect(times('*/30 2 * * *')).toEqual(['03-30 02:00', '03-30 02:30']);
    expect(times('0 2,14 * * *')).toEqual(['03-28 14:00', '03-29 14:00']);
  });

  it.each<[timezone: string, after: string, times: string[]]>([
    ['Europe/Vienna', '2026-10-24T23:30Z', ['02:00', '02:30', '02:00', '02:30', '03:00']],
    ['America/New_York', '2026-11-01T04:30Z', ['01:00', '01:30', '01:00', '01:30', '02:00']],
    ['Australia/Sydney', '2026-04-04T14:30Z', ['02:00', '02:30', '02:00', '02:30', '03:00']],
  ])('in %s what comes twice is due twice', (timezone, after, times) => {
    const found = wallTimes(crontab('*/30 * * * *', timezone), timezone, after, 5);
    expect(found.map((time) => time.slice(6))).toEqual(times);
  });
});

describe('a crontab that is asked again and again', () => {
  it.each(['*/30 * * * *', '30 2 * * *'])('%s has the same times in whatever order', (pattern) => {
    const schedule = crontab(pattern, 'Europe/Vienna');
    const hours = Array.from({ length: 72 }, (_, hour) => new Date(Date.UTC(2026, 9, 24, hour, 7)));
    const inOrder = hours.map((hour) => [lastRun(schedule, hour), nextRun(schedule, hour)]);
    const backwards = hours.toReversed().map((hour) => [lastRun(schedule, hour), nextRun(schedule, hour)]);
    expect(backwards.toReversed()).toEqual(inOrder);
    for (const [index, [last, next]] of inOrder.entries()) {
      expect(Number(last)).toBeLessThanOrEqual(Number(hours[index]));
      expect(Number(next)).toBeGreaterThan(Number(hours[index]));
      expect(nextRuns(schedule, last as Date, 1)).toEqual([next]);
    }
  });
});

describe('an interval', () => {
  const from = new Date('2026-01-01T00:00:10Z');
  it.each<[every: number, period: 'seconds' | 'minutes' | 'hours' | 'days', after: string, next: string]>([
    [30, 'seconds', '2026-01-01T00:00:11Z', '2026-01-01T00:00:40.000Z'],
    [30, 'seconds', '2026-01-01T00:00:40Z', '2026-01-01T00:01:10.000Z'],
    [5, 'minutes', '2026-01-01T11:03:00Z', '2026-01-01T11:05:10.000Z'],
    [7, 'hours', '2026-01-02T00:00:00Z', '2026-01-02T04:00:10.000Z'],
    [2, 'days', '2026-01-02T00:00:00Z', '2026-01-03T00:00:10.000Z'],
    [2, 'days', '2025-06-01T00:00:00Z', '2026-01-01T00:00:10.000Z'],
  ])('of %d %s is due after %s at %s', (every, period, after, next) => {
    expect(nextRun({ type: 'interval', every, period, from }, new Date(after))?.toISOString()).toBe(next);
  });
});

describe('a clocked schedule', () => {
  it('is due once', () => {
    const at = new Date('2026-12-24T18:00:00Z');
    expect(nextRuns({ type: 'clocked', at }, new Date('2026-01-01'), 5)).toEqual([at]);
    expect(nextRun({ type: 'clocked', at }, at)).toBeNull();
  });
});

describe('a solar schedule', () => {
  // Times of NOAA's solar calculator, to the minute.
  it.each<[event: SolarEvent, latitude: number, longitude: number, after: string, about: string]>([
    ['sunrise', 48.2, 16.37, '2026-06-21T00:00Z', '2026-06-21T02:54Z'],
    ['sunset', 48.2, 16.37, '2026-06-21T00:00Z', '2026-06-21T18:59Z'],
    ['solar_noon', 48.2, 16.37, '2026-06-21T00:00Z', '2026-06-21T10:56Z'],
    ['sunset', -37.81753, 144.96715, '2026-01-01T00:00Z', '2026-01-01T09:45Z'],
    ['dawn_civil', 48.2, 16.37, '2026-06-21T00:00Z', '2026-06-21T02:12Z'],
  ])('%s at %d, %d after %s is about %s', (event, latitude, longitude, after, about) => {
    const run = nextRun({ type: 'solar', event, latitude, longitude }, new Date(after));
    expect(Math.abs(Number(run) - Date.parse(about))).toBeLessThan(3 * 60_000);
  });

  it('is due once a day, also where the day is not that of UTC', () => {
    const runs = nextRuns({ type: 'solar', event: 'sunrise', latitude: 0, longitude: 179 }, new Date('2026-03-01'), 30);
    const gaps = runs.slice(1).map((run, index) => (Number(run) - Number(runs[index])) / 3_600_000);
    expect(Math.min(...gaps)).toBeGreaterThan(23.9);
    expect(Math.max(...gaps)).toBeLessThan(24.1);
  });

  it('waits for the end of the polar day', () => {
    const svalbard = { type: 'solar', event: 'sunset', latitude: 78.2, longitude: 15.6 } as const;
    const run = nextRun(svalbard, new Date('2026-05-01T00:00:00Z'));
    expect(run?.toISOString().slice(0, 7)).toBe('2026-08');
  });
});

describe('the last time', () => {
  const svalbard = { type: 'solar', event: 'sunset', latitude: 78.2, longitude: 15.6 } as const;
  it.each<[schedule: Schedule, until: string, last: string | null]>([
    [crontab('0 7 * * MON-FRI', 'UTC'), '2026-01-04T12:00:00Z', '2026-01-02T07:00'],
    [crontab('0 7 * * MON-FRI', 'UTC'), '2026-01-05T07:00:00Z', '2026-01-05T07:00'],
    [crontab('0 7 * * MON-FRI', 'UTC'), '2026-01-05T06:59:59.999Z', '2026-01-02T07:00'],
    [crontab('30 2 * * *', 'Europe/Vienna'), '2026-03-29T12:00:00Z', '2026-03-29T01:00'],
    [crontab('30 2 * * *', 'Europe/Vienna'), '2026-10-25T12:00:00Z', '2026-10-25T00:30'],
    [
      { type: 'interval', every: 7, period: 'hours', from: new Date('2026-01-01') },
      '2026-01-02T00:00:00Z',
      '2026-01-01T21:00',
    ],
    [{ type: 'interval', every: 7, period: 'hours', from: new Date('2026-01-01') }, '2025-01-01T00:00:00Z', null],
    [{ type: 'clocked', at: new Date('2026-01-01') }, '2026-01-01T00:00:00Z', '2026-01-01T00:00'],
    [{ type: 'clocked', at: new Date('2026-01-01') }, '2025-12-31T23:59:59Z', null],
    [svalbard, '2026-06-21T00:00:00Z', '2026-04-1'],
  ])('of %j until %s is %s', (schedule, until, last) => {
    const found = lastRun(schedule, new Date(until))?.toISOString() ?? null;
    expect(found === null ? null : found.slice(0, last?.length)).toBe(last);
  });
});
