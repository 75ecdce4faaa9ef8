import { InvalidArgumentError } from 'commander';
import { readSeconds } from './numbers.js';

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const ISO = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** Reads an option that is a time: ISO 8601, in the zone of this machine where it names none. */
export function time(text: string): Date {
  const date = readTime(text);
  if (date !== undefined) return date;
  throw new InvalidArgumentError('Expected a time, such as 2025-11-21T16:00 or 2025-11-21T16:00:00Z.');
}

/** Reads an option that is a time, or how long ago that was. */
export function timeOrAgo(text: string): Date {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const date =
    count === undefined
      ? readTime(text)
      : new Date(Date.now() - Number(count) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS] * 1000);
  if (date !== undefined) return date;
  throw new InvalidArgumentError('Expected how long ago (90s, 30m, 2h, 7d), or a time, such as 2025-11-21T16:00.');
}

/** Reads an option that is in so many seconds, or a time. */
export function secondsOrTime(text: string): number | Date {
  const read = readSeconds(text) ?? readTime(text);
  if (read !== undefined) return read;
  throw new InvalidArgumentError('Expected seconds, such as 90, or a time, such as 2025-11-21T16:00.');
}

function readTime(text: string): Date | undefined {
  // A date alone would be read as of UTC; with a time it is of here.
  const date = ISO.test(text) ? new Date(text.length === 10 ? `${text}T00:00` : text) : new Date(NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
