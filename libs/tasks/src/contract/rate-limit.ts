const UNITS_US: Readonly<Record<string, number>> = { s: 1_000_000, m: 60_000_000, h: 3_600_000_000 };
const LONGEST_INTERVAL_US = 24 * 3_600_000_000;
/** The table `rate_limit` holds nothing else either. */
const FORM = /^\d+(\.\d+)?\/[smh]$/;

/**
 * How far apart the starts of a rate are: Celery's `rate` (`celery/utils/time.py`), where a rate of 0 is no limit. In
 * whole microseconds, which are what Postgres counts in; rounded up, so that no rate is ever exceeded.
 *
 * @param rate - such as `10/s`, `100/m`, `1000/h`, `0.5/s`
 * @returns microseconds; null when there is no limit
 * @throws RangeError for anything else, and for less than one a day
 */
export function rateIntervalUs(rate: string | null): number | null {
  if (rate === null) return null;
  const [count, unit = ''] = rate.split('/');
  const intervalUs = Math.ceil((UNITS_US[unit] ?? NaN) / Number(count));
  const isTooSlow = intervalUs > LONGEST_INTERVAL_US && intervalUs !== Infinity;
  if (!FORM.test(rate) || isTooSlow) {
    throw new RangeError(`"${rate}" is no rate: expected one such as 10/s, 100/m or 1000/h, of one a day at least.`);
  }
  return intervalUs === Infinity ? null : intervalUs;
}
