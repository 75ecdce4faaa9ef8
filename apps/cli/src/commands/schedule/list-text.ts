import { describeSchedule, isOverdue, type Entry } from '@celeriac/schedule';
import { countText } from '../../terminal/count-text.js';
import { distanceText } from '../../terminal/distance-text.js';
import { oneLine } from '../../terminal/printable.js';
import { table } from '../../terminal/table.js';
import type { Paint } from '../../terminal/terminal.js';

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

/** @returns what there is to say when some should have been sent by now; null when that is none */
export function overdueNote(entries: readonly Entry[]): string | null {
  const { length } = entries.filter((entry) => isOverdue(entry));
  return length === 0
    ? null
    : `${countText(length)} of them should have been sent by now: does beat run? celeriac beat`;
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
