import type { IntervalPeriod } from '@celeriac/schedule';
import { InvalidArgumentError } from 'commander';

const PERIODS: Readonly<Record<string, IntervalPeriod>> = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days' };

/** Reads an option that says how often: `90s`, `30m`, `2h`, `7d`. */
export function every(text: string): { every: number; period: IntervalPeriod } {
  const [, count, unit = ''] = /^([1-9]\d*)([smhd])$/.exec(text) ?? [];
  const period = PERIODS[unit];
  if (count !== undefined && period !== undefined) return { every: Number(count), period };
  throw new InvalidArgumentError('Expected how often, as a whole number of s, m, h or d: 90s, 30m, 2h, 7d.');
}
