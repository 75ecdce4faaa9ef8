const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d{2}):?(\d{2}))?)?$/;

/**
 * Writes a time as Celery's protocol wants it: `2026-01-02T03:04:05.678000+00:00`.
 *
 * Always six digits and an offset with a colon: Celery 5.2 takes the fraction for an integer number of microseconds,
 * so the three digits of `toISOString()` would make the task fire up to a second early.
 *
 * @throws RangeError for an invalid date, or a year that Python's `datetime` does not have (it has 1 to 9999).
 */
export function formatIsoMicros(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) {
    throw new RangeError(`A time in a task message must be a valid date of the years 1 to 9999, got ${String(date)}`);
  }
  return `${date.toISOString().slice(0, -1)}000+00:00`;
}

/**
 * Reads an ISO 8601 time of a task message (headers `eta`, `expires`). A text without offset is UTC; understood are
 * `Z`, `+hh:mm` and `+hhmm`; one to nine digits of a fraction, of which those after the millisecond are cut off.
 * As with Celery, the seconds or the whole time of day may be absent.
 *
 * @throws RangeError for anything else: another form, a date that no calendar has, a value that is no text.
 */
export function parseIso(text: string): Date {
  // A number would be ambiguous (seconds or milliseconds), so Celery refuses it too.
  const match = typeof text === 'string' ? ISO_TIME.exec(text) : null;
  if (match === null) throw invalidTime(text);
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours, offsetMinutes] = match;
  const fields = [year, month, day, hour, minute, second].map((part) => Number(part ?? 0));
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = fields;
  const local = new Date(Date.UTC(y, mo - 1, d, h, mi, s, Number(fraction.slice(0, 3).padEnd(3, '0'))));
  // Date.UTC rolls 30 February over to March; what does not read back the same was no real time.
  const back = [local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate()];
  back.push(local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds());
  if (back.some((part, i) => part !== fields[i])) throw invalidTime(text);
  const [oh, om] = [Number(offsetHours ?? 0), Number(offsetMinutes ?? 0)];
  if (oh > 23 || om > 59) throw invalidTime(text);
  const offsetMs = (oh * 60 + om) * 60_000 * (sign === '-' ? -1 : 1);
  return new Date(local.getTime() - offsetMs);
}

function invalidTime(given: unknown): RangeError {
  return new RangeError(`Not an ISO 8601 time: ${JSON.stringify(given)?.slice(0, 60)}`);
}
