import { describeSchedule, type Entry, type ScheduleWords } from '@celeriac/schedule';
import { distanceText } from '../../terminal/distance-text.js';
import { timeText } from '../../terminal/time-text.js';

/** An entry, and its schedule in words; null where it has none that can be used. */
export interface EntryReport extends Entry {
  words: ScheduleWords | null;
}

/** @returns an entry as JSON has it */
export function reportOf(entry: Entry): EntryReport {
  return { ...entry, words: entry.schedule === null ? null : describeSchedule(entry.schedule) };
}

/** A sentence: when it is due next. */
export function nextRunText({ enabled, nextRunAt }: Entry): string {
  if (nextRunAt !== null) return `Next run: ${timeText(nextRunAt)} (${distanceText(nextRunAt, new Date())}).`;
  return enabled ? 'It is not due any more.' : 'It is disabled.';
}
