import { createHash } from 'node:crypto';
import { lastRun, nextRun } from '../timing/runs.js';
import type { Entry, EntryDefinition } from './entry.js';

/** A time that is past for longer was missed; beat is later than this only when it was not running. */
const MISSED_AFTER_MS = 60_000;
/** Of those that were missed, so many are made up for at most. */
const MOST_MISSED = 100;

/** What an entry that is due asks for. */
export interface DueTicks {
  /** The times to send a task for, the oldest first; none when they were missed and are to be skipped. */
  ticks: Date[];
  /** When it is due after these; null: never again. */
  nextRunAt: Date | null;
}

/** What says when an entry is due. */
export type Timing = Pick<EntryDefinition, 'schedule' | 'startsAt' | 'endsAt'>;

/** @returns when an entry is due after another time; null when it is never due again */
export function nextRunOf({ schedule, startsAt, endsAt }: Timing, after: Date): Date | null {
  const from = startsAt !== null && startsAt > after ? new Date(startsAt.getTime() - 1) : after;
  const run = nextRun(schedule, from);
  return run === null || (endsAt !== null && run >= endsAt) ? null : run;
}

/**
 * The times for which an entry is to send tasks now.
 *
 * @param entry - whose `nextRunAt` has come
 */
export function dueTicks(entry: Timing & Pick<Entry, 'nextRunAt' | 'missed' | 'oneOff'>, now: Date): DueTicks {
  const first = entry.nextRunAt ?? now;
  const all = timesBetween(entry, first, now, entry.missed === 'all' && !entry.oneOff ? MOST_MISSED : 1);
  const isMissed = all.every((time) => now.getTime() - time.getTime() > MISSED_AFTER_MS);
  return { ticks: entry.missed === 'skip' && isMissed ? [] : all, nextRunAt: nextRunOf(entry, now) };
}

/** The last `count` times of the entry from the first one on, the oldest first. */
function timesBetween({ schedule, endsAt }: Timing, first: Date, now: Date, count: number): Date[] {
  const times: Date[] = [];
  let until = endsAt !== null && endsAt <= now ? new Date(endsAt.getTime() - 1) : now;
  while (times.length < count && until >= first) {
    const time = lastRun(schedule, until);
    if (time === null || time < first) break;
    times.unshift(time);
    until = new Date(time.getTime() - 1);
  }
  // It was to be due then, whatever its schedule says by now.
  return times.length === 0 ? [first] : times;
}

/**
 * How much later than it is due a tick's task starts: the same for whoever computes it.
 *
 * @returns milliseconds, from 0 to the jitter
 */
export function jitterMs({ name, jitterSeconds }: Pick<EntryDefinition, 'name' | 'jitterSeconds'>, due: Date): number {
  const hash = createHash('sha256').update(`${name}\n${due.toISOString()}`).digest();
  return Math.floor((hash.readUInt32BE(0) / 2 ** 32) * jitterSeconds * 1000);
}
