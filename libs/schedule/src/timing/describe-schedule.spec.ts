import { describe, expect, it } from '@jest/globals';
import { describeSchedule } from './describe-schedule.js';
import type { Schedule } from './schedule.js';

const from = new Date('2026-01-01T00:00:00Z');

describe('in plain words', () => {
  it.each<[schedule: Schedule, words: string]>([
    [crontab('0 7 * * MON-FRI'), 'At 07:00, Monday through Friday, Europe/Vienna'],
    [crontab('*/15 * * * *'), 'Every 15 minutes, Europe/Vienna'],
    [crontab('0 0 L * *'), 'At 00:00, on the last day of the month, Europe/Vienna'],
    [crontab('0 7 1 * MON'), 'At 07:00, on day 1 of the month, and at 07:00, only on Monday, Europe/Vienna'],
    [crontab('0 7 1 * +MON'), 'At 07:00, on day 1 of the month, only on Monday, Europe/Vienna'],
    [crontab('0 7 ? * MON'), 'At 07:00, only on Monday, Europe/Vienna'],
    [crontab('0 7 LW * *'), 'At 07:00, on the last weekday of the month, Europe/Vienna'],
    [crontab('0 7 * * FRI#L'), 'At 0 7 * * FRI#L, Europe/Vienna'],
    [crontab('@daily'), 'At 00:00, Europe/Vienna'],
    [{ type: 'interval', every: 30, period: 'seconds', from }, 'Every 30 seconds, counted from 2026-01-01 00:00 UTC'],
    [{ type: 'interval', every: 1, period: 'days', from }, 'Every day, counted from 2026-01-01 00:00 UTC'],
    [{ type: 'clocked', at: new Date('2026-12-24T18:00:05Z') }, 'Once, at 2026-12-24 18:00:05 UTC'],
    [{ type: 'solar', event: 'sunset', latitude: -37.8, longitude: 145 }, 'At sunset, at 37.8° S, 145° E'],
  ])('%j is: %s', (schedule, words) => {
    expect(describeSchedule(schedule).times).toBe(words);
  });

  it.each<[schedule: Schedule, words: RegExp | null]>([
    [crontab('30 2 * * *'), /due right after.*the first time/],
    [crontab('*/30 * * * *'), /left out.*due twice/],
    [crontab('0 7,19 * * *'), /left out.*due twice/],
    [crontab('30 2 * * *', 'UTC'), null],
    [crontab('30 2 * * *', 'Asia/Kathmandu'), null],
    [{ type: 'interval', every: 1, period: 'days', from }, null],
  ])('%j, when clocks are changed: %s', (schedule, words) => {
    const { clockChange } = describeSchedule(schedule);
    if (words === null) expect(clockChange).toBeNull();
    else expect(clockChange).toMatch(words);
  });
});

function crontab(pattern: string, timezone = 'Europe/Vienna'): Schedule {
  return { type: 'crontab', crontab: pattern, timezone };
}
