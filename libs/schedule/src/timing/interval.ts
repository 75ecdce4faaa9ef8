import type { IntervalPeriod, IntervalSchedule } from './schedule.js';

const PERIOD_MS: Readonly<Record<IntervalPeriod, number>> = {
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};

const EPOCH = new Date(0);

/** @returns the first time after another one; never before the one that it is counted from */
export function nextInterval(schedule: IntervalSchedule, after: Date): Date {
  return timeNumber(schedule, Math.max(numberOf(schedule, after) + 1, 0));
}

/** @returns the last time that is not after another one; null when that is before the one that it is counted from */
export function lastInterval(schedule: IntervalSchedule, until: Date): Date | null {
  const number = numberOf(schedule, until);
  return number < 0 ? null : timeNumber(schedule, number);
}

function numberOf({ every, period, from = EPOCH }: IntervalSchedule, time: Date): number {
  return Math.floor((time.getTime() - from.getTime()) / (every * PERIOD_MS[period]));
}

function timeNumber({ every, period, from = EPOCH }: IntervalSchedule, number: number): Date {
  return new Date(from.getTime() + number * every * PERIOD_MS[period]);
}
