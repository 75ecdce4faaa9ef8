import { crontabOf } from './crontab.js';
import { lastInterval, nextInterval } from './interval.js';
import type { Schedule } from './schedule.js';
import { lastSolar, nextSolar } from './solar.js';

/**
 * When a schedule is due next.
 *
 * @param after - exclusive; a time that is due itself is not the next one
 * @returns null when it is never due again
 */
export function nextRun(schedule: Schedule, after: Date): Date | null {
  switch (schedule.type) {
    case 'crontab':
      return crontabOf(schedule).around(after).next;
    case 'interval':
      return nextInterval(schedule, after);
    case 'clocked':
      return schedule.at > after ? schedule.at : null;
    case 'solar':
      return nextSolar(schedule, after);
  }
}

/** @returns the next times that a schedule is due, `count` at most */
export function nextRuns(schedule: Schedule, after: Date, count: number): Date[] {
  const runs: Date[] = [];
  for (let run = nextRun(schedule, after); run !== null && runs.length < count; run = nextRun(schedule, run)) {
    runs.push(run);
  }
  return runs;
}

/**
 * When a schedule was due last.
 *
 * @param until - inclusive
 * @returns null when it never was
 */
export function lastRun(schedule: Schedule, until: Date): Date | null {
  switch (schedule.type) {
    case 'crontab':
      return crontabOf(schedule).around(until).last;
    case 'interval':
      return lastInterval(schedule, until);
    case 'clocked':
      return schedule.at <= until ? schedule.at : null;
    case 'solar':
      return lastSolar(schedule, until);
  }
}
