import { describeSchedule, type Entry, type EntryDefinition, type ScheduleWords } from '@celeriac/schedule';
import { shownArguments } from '@celeriac/tasks';
import type { OpenApp } from '../../app/open-app.js';
import { countText } from '../../terminal/count-text.js';
import { distanceText } from '../../terminal/distance-text.js';
import { oneLine } from '../../terminal/printable.js';
import { table } from '../../terminal/table.js';
import type { Paint } from '../../terminal/terminal.js';
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

/** One line for each entry. */
export function listText(entries: readonly Entry[], paint: Paint, width: number): string {
  if (entries.length === 0) return 'No periodic tasks.';
  const now = new Date();
  const rows = entries.map((entry) => [
    oneLine(entry.name),
    entry.task === entry.name ? '' : oneLine(entry.task),
    nextText(entry, now, paint),
    entry.lastRunAt === null ? '' : distanceText(entry.lastRunAt, now),
    countText(entry.totalRuns),
    remark(entry, paint),
  ]);
  return table(['NAME', 'TASK', 'NEXT', 'LAST', 'RUNS', 'SCHEDULE'], rows, paint, width);
}

/** A sentence: when it is due next. */
export function nextRunText({ enabled, nextRunAt }: Entry): string {
  if (nextRunAt !== null) return `Next run: ${timeText(nextRunAt)} (${distanceText(nextRunAt, new Date())}).`;
  return enabled ? 'It is not due any more.' : 'It is disabled.';
}

function nextText({ enabled, nextRunAt }: Entry, now: Date, paint: Paint): string {
  if (!enabled) return paint('yellow', 'disabled');
  if (nextRunAt === null) return 'never';
  return nextRunAt > now ? distanceText(nextRunAt, now) : paint('yellow', `due ${distanceText(nextRunAt, now)}`);
}

/** Why it cannot be used, and when it is due. */
function remark({ schedule, problem }: Entry, paint: Paint): string {
  const words = schedule === null ? [] : [describeSchedule(schedule).times];
  return [...(problem === null ? [] : [paint('red', oneLine(problem))]), ...words].join(' | ');
}
