import type { DataSource } from 'typeorm';

/** A day as the calendar of a time zone has it: of 23 or 25 hours, when clocks are changed. */
export interface CalendarDay {
  /** 2026-11-24 */
  date: string;
  from: Date;
  /** The beginning of the next one. */
  until: Date;
}

/** The clock of Postgres, and its calendar. */
export interface Calendar {
  now: Date;
  today: CalendarDay;
  yesterday: CalendarDay;
}

const DAYS = `
  SELECT now(), to_char(day, 'YYYY-MM-DD') AS date,
         day AT TIME ZONE $1 AS "from", (day + interval '1 day') AT TIME ZONE $1 AS until
  FROM (SELECT date_trunc('day', now() AT TIME ZONE $1) - ago * interval '1 day' AS day FROM generate_series(0, 1) ago) days
  ORDER BY day DESC`;

/** @param timeZone - of the tz database */
export async function readCalendar(dataSource: DataSource, timeZone: string): Promise<Calendar> {
  type Row = CalendarDay & { now: Date };
  const [{ now, ...today }, yesterday]: [Row, Row] = await dataSource.query(DAYS, [timeZone]);
  return { now, today, yesterday };
}
