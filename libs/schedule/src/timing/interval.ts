import type { IntervalPeriod, IntervalSchedule } from './schedule.js';

const PERIOD_MS: Readonly<Record<IntervalPeriod, number>> = {
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
};

/** The first time of an interval after another time; never before the one that it is counted from. */
export function nextInterval({ every, period, from }: IntervalSchedule, after: Date): Date {
  const lengthMs = every * PERIOD_MS[period];
  const passed = Math.floor((after.getTime() - from.getTime()) / lengthMs);
  return new Date(from.getTime() + Math.max(passed + 1, 0) * lengthMs);
}
