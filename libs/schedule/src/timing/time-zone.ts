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
