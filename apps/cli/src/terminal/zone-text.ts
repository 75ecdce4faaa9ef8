/** A time on the clock on the wall of a zone. */
interface ZoneTime {
  /** `Sun` */
  weekday: string;
  /** `2026-03-29` */
  date: string;
  /** `03:00:00` */
  clock: string;
  /** Of that time, from UTC: `+02:00` */
  offset: string;
}

/** @param timezone - of the tz database */
function zoneTime(time: Date, timezone: string): ZoneTime {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  return {
    weekday: parts['weekday'] ?? '',
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    clock: `${parts['hour']}:${parts['minute']}:${parts['second']}`,
    offset: parts['timeZoneName']?.replace(/^GMT$/, 'GMT+00:00').slice(3) ?? '',
  };
}

/** @returns a time for people, with its day and offset: `Sun 2026-03-29 03:00:00 +02:00` */
export function zoneText(time: Date, timezone: string): string {
  const { weekday, date, clock, offset } = zoneTime(time, timezone);
  return `${weekday} ${date} ${clock} ${offset}`;
}

/** @returns a time in ISO 8601 as it is in a zone: `2026-03-29T03:00:00+02:00` */
export function zoneIso(time: Date, timezone: string): string {
  const { date, clock, offset } = zoneTime(time, timezone);
  return `${date}T${clock}${offset}`;
}

/** @returns the zone of this machine */
export function ownTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
