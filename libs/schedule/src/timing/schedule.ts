/** The periods of an interval. */
export const INTERVAL_PERIODS = ['seconds', 'minutes', 'hours', 'days'] as const;

/** Of fixed length: a day is 24 hours. What is to follow the clock on the wall is a crontab. */
export type IntervalPeriod = (typeof INTERVAL_PERIODS)[number];

/** Celery's names (`celery/schedules.py`, `solar`). */
export const SOLAR_EVENTS = [
  'dawn_astronomical',
  'dawn_nautical',
  'dawn_civil',
  'sunrise',
  'solar_noon',
  'sunset',
  'dusk_civil',
  'dusk_nautical',
  'dusk_astronomical',
] as const;

/** One of {@link SOLAR_EVENTS}. */
export type SolarEvent = (typeof SOLAR_EVENTS)[number];

/** At certain times of the clock, as cron has it. */
export interface CrontabSchedule {
  type: 'crontab';
  /**
   * Minute, hour, day of the month, month, day of the week: `30 7 * * MON-FRI`. Names, lists, ranges, steps; `L` for
   * the last day, `FRI#2` for the second Friday. With both days given, either will do, as in cron; with a `+`, as in
   * `0 7 1 * +MON`, both have to fit (which is what Celery's `crontab` means).
   */
  crontab: string;
  /** Of the tz database: `Europe/Vienna`. */
  timezone: string;
}

/** Every so often, counted from a fixed time, so that all who count have the same times. */
export interface IntervalSchedule {
  type: 'interval';
  every: number;
  period: IntervalPeriod;
  /** One of the times, from which the others are counted. @defaultValue the beginning of 1970, UTC */
  from?: Date | undefined;
}

/** Once. */
export interface ClockedSchedule {
  type: 'clocked';
  at: Date;
}

/** Where the sun stands at a place; on days when it does not get there, not at all. */
export interface SolarSchedule {
  type: 'solar';
  event: SolarEvent;
  /** Degrees, north of the equator positive. */
  latitude: number;
  /** Degrees, east of Greenwich positive. */
  longitude: number;
}

/** When something is due. */
export type Schedule = CrontabSchedule | IntervalSchedule | ClockedSchedule | SolarSchedule;
