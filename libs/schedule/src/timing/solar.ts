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

/** @returns null when the sun does not get there within a year */
export function nextSolar({ event, latitude, longitude }: SolarSchedule, after: Date): Date | null {
  // The solar day of a place may be another than the day in UTC: one back is looked at, too.
  for (let day = -1; day <= DAYS_TO_LOOK_AT; day += 1) {
    const moment = new Date(after.getTime() + day * DAY_MS);
    const time = getTimes(moment, latitude, longitude)[NAME_IN_SUNCALC[event]];
    if (time instanceof Date && time > after) return time;
  }
  return null;
}
