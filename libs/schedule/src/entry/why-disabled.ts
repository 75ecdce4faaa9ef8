import { nextRunOf } from './due-ticks.js';
import type { Entry } from './entry.js';

/** Why an entry is disabled: it cannot be used as it is, it has run for the last time, or somebody wanted it so. */
export type DisabledReason = 'problem' | 'ended' | 'wanted';

/** @returns null when it is enabled */
export function whyDisabled(entry: Entry): DisabledReason | null {
  if (entry.enabled) return null;
  if (entry.problem !== null) return 'problem';
  return hasEnded(entry) ? 'ended' : 'wanted';
}

function hasEnded({ schedule, lastRunAt, oneOff, ...timing }: Entry): boolean {
  if (lastRunAt === null || schedule === null) return false;
  return oneOff || nextRunOf({ ...timing, schedule }, lastRunAt) === null;
}
