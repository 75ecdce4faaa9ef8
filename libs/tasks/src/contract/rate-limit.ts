const UNITS_US: Readonly<Record<string, number>> = { s: 1_000_000, m: 60_000_000, h: 3_600_000_000 };
const LONGEST_INTERVAL_US = 24 * 3_600_000_000;
/** The table `rate_limit` holds nothing else either. */
const FORM = /^\d+(\.\d+)?\/[smh]$/;

/** What {@link isRate} wants. */
export const EXPECTED_RATE = 'a rate such as 10/s, 100/m or 1000/h, of one a day at least';

/** @returns whether it is a rate in Celery's words: `10/s`, `100/m`, `1000/h`, `0.5/s`; one of 0 is no limit */
export function isRate(value: unknown): value is string {
  return typeof value === 'string' && FORM.test(value) && (rateIntervalUs(value) ?? 0) <= LONGEST_INTERVAL_US;
}

/**
 * How far apart the starts of a rate are: Celery's `rate` (`celery/utils/time.py`), turned round. In whole
 * microseconds, which are what Postgres counts in; rounded up, so that no rate is ever exceeded.
 *
 * @param rate - as {@link isRate} wants it
 * @returns microseconds; null when there is no limit
 */
export function rateIntervalUs(rate: string | null): number | null {
  if (rate === null) return null;
  const [count, unit = ''] = rate.split('/');
  const intervalUs = Math.ceil((UNITS_US[unit] ?? NaN) / Number(count));
  return intervalUs === Infinity ? null : intervalUs;
}

/** How a task's rate is limited, unless another one was set while running. */
export interface TaskRateLimit {
  taskName: string;
  /** Each key has the rate for itself; empty when the task has it as a whole. */
  key: string;
  /** How far apart the contract wants the starts to be; null: no limit. */
  defaultIntervalUs: number | null;
}
