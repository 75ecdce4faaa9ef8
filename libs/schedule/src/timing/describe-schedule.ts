import cronstrue from 'cronstrue';
import { hasOneTimeOfDay } from './crontab.js';
import type { CrontabSchedule, IntervalSchedule, Schedule, SolarSchedule } from './schedule.js';
import { hasSteadyClock } from './time-zone.js';

/** What people read of a schedule. */
export interface ScheduleWords {
  /** When it is due: `At 07:00, Monday through Friday, Europe/Vienna`. */
  times: string;
  /** What happens when clocks are changed; null where that does not matter. */
  clockChange: string | null;
}

/** Says in plain words when a schedule is due. */
export function describeSchedule(schedule: Schedule): ScheduleWords {
  switch (schedule.type) {
    case 'crontab':
      return { times: crontabWords(schedule), clockChange: clockChangeWords(schedule) };
    case 'interval':
      return { times: intervalWords(schedule), clockChange: null };
    case 'clocked':
      return { times: `Once, at ${timeText(schedule.at)}`, clockChange: null };
    case 'solar':
      return { times: solarWords(schedule), clockChange: null };
  }
}

function crontabWords({ crontab, timezone }: CrontabSchedule): string {
  // To croner and to cron `?` is the same as `*`; cronstrue says it otherwise.
  const pattern = crontab.replaceAll('?', '*');
  const [minute, hour, day, month, weekday = '*'] = pattern.split(/\s+/);
  const clock = `${minute} ${hour}`;
  // cronstrue does not say which of the two it is: either day, or both at once.
  const either = day !== '*' && weekday !== '*' && !weekday.startsWith('+');
  const parts = either ? [`${clock} ${day} ${month} *`, `${clock} * ${month} ${weekday}`] : [pattern.replace('+', '')];
  const [first = '', other] = parts.map(patternWords);
  const also = other === undefined ? '' : `, and ${other.charAt(0).toLowerCase()}${other.slice(1)}`;
  return `${first}${also}, ${timezone}`;
}

/** The pattern itself where cronstrue has no words: croner knows more, such as `FRI#L`. */
function patternWords(pattern: string): string {
  try {
    return cronstrue.toString(pattern, { use24HourTimeFormat: true, logicalAndDayFields: true });
  } catch {
    return `At ${pattern}`;
  }
}

function clockChangeWords(schedule: CrontabSchedule): string | null {
  if (hasSteadyClock(schedule.timezone, new Date().getUTCFullYear())) return null;
  return hasOneTimeOfDay(schedule)
    ? 'When clocks go forward over its time, it is due right after; when its time comes twice, the first time.'
    : 'When clocks go forward, times that do not exist are left out; times that come twice are due twice.';
}

function intervalWords({ every, period, from }: IntervalSchedule): string {
  const often = every === 1 ? `Every ${period.slice(0, -1)}` : `Every ${every} ${period}`;
  return from === undefined ? often : `${often}, counted from ${timeText(from)}`;
}

function solarWords({ event, latitude, longitude }: SolarSchedule): string {
  const place = `${Math.abs(latitude)}° ${latitude < 0 ? 'S' : 'N'}, ${Math.abs(longitude)}° ${longitude < 0 ? 'W' : 'E'}`;
  return `At ${EVENT_WORDS[event]}, at ${place}`;
}

const EVENT_WORDS: Readonly<Record<SolarSchedule['event'], string>> = {
  dawn_astronomical: 'astronomical dawn',
  dawn_nautical: 'nautical dawn',
  dawn_civil: 'dawn',
  sunrise: 'sunrise',
  solar_noon: 'solar noon',
  sunset: 'sunset',
  dusk_civil: 'dusk',
  dusk_nautical: 'nautical dusk',
  dusk_astronomical: 'astronomical dusk',
};

/** 2026-12-24 18:00 UTC */
function timeText(time: Date): string {
  const [date = '', clock = ''] = time.toISOString().split('T');
  return `${date} ${time.getUTCSeconds() === 0 ? clock.slice(0, 5) : clock.slice(0, 8)} UTC`;
}
