import { Cron, CronPattern } from 'croner';
import type { CrontabSchedule } from './schedule.js';

/**
 * The times of a crontab in its zone, on the clock on the wall there.
 *
 * When that is changed, as Vixie cron has it (croner's rule): a crontab with one certain time of the day (`30 2 * * *`)
 * runs once on each of its days, right after the gap if the time does not exist, the first time if it comes twice. Any
 * other (every half hour) goes on in real time: what does not exist is left out, what comes twice runs twice.
 *
 * @throws TypeError, RangeError when the crontab or the zone is none
 */
export function crontabOf({ crontab, timezone }: CrontabSchedule): Cron {
  return new Cron(crontab, { mode: '5-part', timezone, paused: true });
}

/** @returns whether it has one certain time of the day, which counts when clocks are changed */
export function hasOneTimeOfDay({ crontab, timezone }: CrontabSchedule): boolean {
  return new CronPattern(crontab, timezone, { mode: '5-part' }).isFixedTime;
}

/** @returns whether clocks are not changed in that year; looked at once a week, since Morocco changes for a month */
export function hasSteadyClock(timezone: string, year: number): boolean {
  const format = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' });
  const offsetOn = (day: number): string | undefined =>
    format.formatToParts(new Date(Date.UTC(year, 0, day))).find(({ type }) => type === 'timeZoneName')?.value;
  return new Set(Array.from({ length: 53 }, (_, week) => offsetOn(week * 7 + 1))).size === 1;
}
