import type { Entry } from '@celeriac/schedule';
import { distanceText } from '../../terminal/distance-text.js';
import { table } from '../../terminal/table.js';
import type { Paint } from '../../terminal/terminal.js';
import { ownTimeZone, zoneIso, zoneText } from '../../terminal/zone-text.js';

/** A time to come, of an entry. */
export interface ComingRun {
  /** UTC. */
  at: Date;
  timezone: string;
  /** The same time in that zone, in ISO 8601. */
  local: string;
}

/** @returns the runs of an entry, in the zone of its schedule, or of this machine where that has none */
export function runsReport({ schedule }: Entry, runs: readonly Date[]): ComingRun[] {
  const timezone = schedule?.type === 'crontab' ? schedule.timezone : ownTimeZone();
  return runs.map((at) => ({ at, timezone, local: zoneIso(at, timezone) }));
}

/** One line for each run. */
export function runsText(runs: readonly ComingRun[], paint: Paint, width: number): string {
  const [first] = runs;
  if (first === undefined) return 'It is not due any more.';
  const zones = [...new Set([first.timezone, 'UTC'])];
  const now = new Date();
  const rows = runs.map(({ at }) => [...zones.map((zone) => zoneText(at, zone)), distanceText(at, now)]);
  return table([...zones, ''], rows, paint, width);
}
