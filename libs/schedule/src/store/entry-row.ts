import type { Entry } from '../entry/entry.js';
import { InvalidScheduleError } from '../timing/invalid-schedule.error.js';
import { parseSchedule } from '../timing/parse-schedule.js';
import type { ScheduleEntryEntity } from './entities/schedule-entry.entity.js';

/** Reads a row. What somebody has written into it that is no schedule is the entry's problem. */
export function toEntry({ schedule, ...row }: ScheduleEntryEntity): Entry {
  try {
    return { ...row, schedule: parseSchedule(schedule) };
  } catch (error) {
    if (!(error instanceof InvalidScheduleError)) throw error;
    return { ...row, schedule: null, problem: error.message };
  }
}
