import { getTimes, type SunTimes } from 'suncalc';
import type { SolarEvent, SolarSchedule } from './schedule.js';

const DAY_MS = 86_400_000;
/** Wherever that is, the sun comes up again within half a year. */
const DAYS_TO_LOOK_AT = 366;

const NAME_IN_SUNCALC: Readonly<Record<SolarEvent, keyof SunTimes>> = {
  dawn_astronomical: 'nightEnd',
  dawn_nautical: 'nauticalDawn',
  dawn_civil: 'dawn',
  sunrise: 'sunrise',
  solar_noon: 'solarNoon',
  sunset: 'sunset',
  dusk_civil: 'dusk',
  dusk_nautical: 'nauticalDusk',
  dusk_astronomical: 'night',
};

/** @returns the first time after another one; null when the sun does not get there within a year */
export function nextSolar(schedule: SolarSchedule, after: Date): Date | null {
  return search(schedule, after, 1, (time) => time > after);
}

/** @returns the last time that is not after another one; null when there was none within a year */
export function lastSolar(schedule: SolarSchedule, until: Date): Date | null {
  return search(schedule, until, -1, (time) => time <= until);
}

/** Goes from one solar day to the next; begins a day off, since the day of a place may be another than that of UTC. */
function search(
  { event, latitude, longitude }: SolarSchedule,
  start: Date,
  step: 1 | -1,
  fits: (time: Date) => boolean,
): Date | null {
  for (let day = -1; day <= DAYS_TO_LOOK_AT; day += 1) {
    const moment = new Date(start.getTime() + day * step * DAY_MS);
    const time = getTimes(moment, latitude, longitude)[NAME_IN_SUNCALC[event]];
    if (time instanceof Date && fits(time)) return time;
  }
  return null;
}
