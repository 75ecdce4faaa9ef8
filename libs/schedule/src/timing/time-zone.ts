/** Those that need no trial, which takes longer than all else of reading a schedule. */
const CANONICAL = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

/** Whether there is a time zone of this name (IANA). */
export function isTimeZone(name: string): boolean {
  if (CANONICAL.has(name)) return true;
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
