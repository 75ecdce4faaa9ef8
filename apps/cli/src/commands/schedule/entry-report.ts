import { describeSchedule, type Entry, type EntryDefinition, type ScheduleWords } from '@celeriac/schedule';
import { shownArguments } from '@celeriac/tasks';
import type { OpenApp } from '../../app/open-app.js';
import { distanceText } from '../../terminal/distance-text.js';
import { timeText } from '../../terminal/time-text.js';

/** An entry, and its schedule in words; null where it has none that can be used. */
export interface EntryReport extends Entry {
  words: ScheduleWords | null;
}

/** @returns an entry as JSON has it, with `***` in place of what its task's contract keeps secret */
export function reportOf({ contracts }: Pick<OpenApp, 'contracts'>, entry: Entry): EntryReport {
  const shown = (call: Pick<Entry, 'task' | 'args' | 'kwargs'>) => {
    const contract = contracts.get(call.task);
    return contract === undefined ? {} : shownArguments(contract, call);
  };
  const { declared, schedule } = entry;
  return {
    ...entry,
    ...shown(entry),
    declared: declared && { ...declared, ...shown(declared as unknown as EntryDefinition) },
    words: schedule === null ? null : describeSchedule(schedule),
  };
}

/** A sentence: when it is due next. */
export function nextRunText({ enabled, nextRunAt }: Entry): string {
  if (nextRunAt !== null) return `Next run: ${timeText(nextRunAt)} (${distanceText(nextRunAt, new Date())}).`;
  return enabled ? 'It is not due any more.' : 'It is disabled.';
}
