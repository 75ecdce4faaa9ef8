import { describe, expect, it } from '@jest/globals';
import { InvalidScheduleError, type ScheduleIssue } from './invalid-schedule.error.js';
import { parseSchedule } from './parse-schedule.js';
import type { Schedule } from './schedule.js';

function issuesOf(given: unknown): ScheduleIssue[] {
  try {
    parseSchedule(given);
  } catch (error) {
    if (error instanceof InvalidScheduleError) return error.issues;
    throw error;
  }
  throw new Error('The schedule was taken.');
}

describe('a schedule', () => {
  it.each<[given: object, schedule: Schedule]>([
    [
      { type: 'crontab', crontab: ' 0 7 * * MON ' },
      { type: 'crontab', crontab: '0 7 * * MON', timezone: 'UTC' },
    ],
    [
      { type: 'interval', every: 30, period: 'seconds', from: '2026-01-01T01:00:00+01:00' },
      { type: 'interval', every: 30, period: 'seconds', from: new Date('2026-01-01T00:00:00Z') },
    ],
    [
      { type: 'clocked', at: new Date('2026-12-24T18:00:00Z') },
      { type: 'clocked', at: new Date('2026-12-24T18:00:00Z') },
    ],
    [
      { type: 'solar', event: 'sunset', latitude: -37.8, longitude: 145 },
      { type: 'solar', event: 'sunset', latitude: -37.8, longitude: 145 },
    ],
  ])('%j is taken', (given, schedule) => {
    expect(parseSchedule(given)).toEqual(schedule);
    expect(parseSchedule(JSON.parse(JSON.stringify(schedule)))).toEqual(schedule);
  });

  it.each<[given: object, field: string, problem: RegExp]>([
    [{ type: 'crontab', crontab: '0 0 31 2 *' }, 'crontab', /never due.*0 0 31 2 \*/],
    [{ type: 'crontab', crontab: '61 * * * *' }, 'crontab', /minute: 61.*expected minute, hour/],
    [{ type: 'crontab', crontab: '* * * *' }, 'crontab', /expected minute, hour/],
    [{ type: 'crontab', crontab: '0 0 7 * * *' }, 'crontab', /expected minute, hour/],
    [{ type: 'crontab', crontab: '0 22-2 * * *' }, 'crontab', /22-2/],
    [{ type: 'crontab', crontab: '5/15 * * * *' }, 'crontab', /\*\/step/],
    [{ type: 'crontab', crontab: 'every day' }, 'crontab', /expected minute, hour/],
    [
      { type: 'crontab', crontab: '0 7 * * *', timezone: 'Europe/Wien' },
      'timezone',
      /no such time zone.*Europe\/Vienna/,
    ],
    [{ type: 'crontab', crontab: '0 7 * * *', tz: 'UTC' }, '', /tz/],
    [{ type: 'interval', every: 0, period: 'seconds', from: new Date() }, 'every', /1/],
    [{ type: 'interval', every: 1.5, period: 'seconds', from: new Date() }, 'every', /int/],
    [{ type: 'interval', every: 1, period: 'weeks', from: new Date() }, 'period', /"days"/],
    [{ type: 'interval', every: 1, period: 'days', from: '2026-01-01' }, 'from', /with its zone/],
    [{ type: 'clocked', at: '2026-01-01T00:00:00' }, 'at', /with its zone/],
    [{ type: 'clocked', at: new Date(Number.NaN) }, 'at', /with its zone/],
    [{ type: 'solar', event: 'noon', latitude: 0, longitude: 0 }, 'event', /"solar_noon"/],
    [{ type: 'solar', event: 'sunset', latitude: 91, longitude: 0 }, 'latitude', /90/],
    [{ type: 'cron', crontab: '* * * * *' }, 'type', /./],
  ])('%j is refused for its %s', (given, field, problem) => {
    expect(issuesOf(given)).toEqual([{ field, problem: expect.stringMatching(problem) }]);
  });

  it.each([undefined, null, 'daily', 5])('%j is none', (given) => {
    expect(issuesOf(given)).toEqual([{ field: '', problem: expect.any(String) }]);
  });
});
