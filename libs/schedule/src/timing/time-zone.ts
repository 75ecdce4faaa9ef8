/** Those that need no trial, which takes longer than all else of reading a schedule. */
const CANONICAL = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

/**
 * What Node takes besides the names of the tz database, and others for something else: to Node BST is the time of Dhaka,
 * to Postgres London's summer, and `+02:00` is west of Greenwich there.
 */
const OTHERS = /^(?!(?:CET|EET|EST|GMT|HST|MET|MST|PRC|ROC|ROK|UCT|UTC|WET)$)(?:[A-Z]{3}|[+-].*)$/i;

/** Whether there is a time zone of this name (IANA). */
export function isTimeZone(name: string): boolean {
  if (CANONICAL.has(name)) return true;
  if (OTHERS.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** @returns whether clocks are not changed in that year; looked at once a week, since Morocco changes for a month */
export function hasSteadyClock(timezone: string, year: number): boolean {
  const format = new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' });
  const offsetOn = (day: number): string | undefined =>
    format.formatToParts(new Date(Date.UTC(year, 0, day))).find(({ type }) => type === 'timeZoneName')?.value;
  return new Set(Array.from({ length: 53 }, (_, week) => offsetOn(week * 7 + 1))).size === 1;
}
