import { isTimeZone, type CrontabSchedule, type Schedule } from '@celeriac/schedule';
import { z } from 'zod';

/** Cron's names, Monday first. */
export const WEEKDAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;

/** A day that each month has: by its number, or the last one. */
export const MONTH_DAYS = [...Array.from({ length: 28 }, (_, index) => String(index + 1)), 'last'] as const;

const clock = {
  /** On the clock on the wall there, as `09:00`. */
  time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Give a time from 00:00 to 23:59, such as 09:00.'),
  zone: z.string().trim().refine(isTimeZone, 'Give a time zone by its name, such as Europe/Vienna, or UTC.'),
};

/** How often a mail is sent, as the form has it. */
export const recurrenceForm = z.discriminatedUnion(
  'repeat',
  [
    z.object({ repeat: z.literal('daily'), ...clock }),
    z.object({ repeat: z.literal('weekdays'), ...clock }),
    z.object({ repeat: z.literal('weekly'), weekday: z.enum(WEEKDAYS, 'Choose a day of the week.'), ...clock }),
    z.object({ repeat: z.literal('monthly'), day: z.enum(MONTH_DAYS, 'Choose a day of the month.'), ...clock }),
  ],
  'Choose how often it is sent.',
);

/** How often a mail is sent. */
export type Recurrence = z.output<typeof recurrenceForm>;

/** @returns the schedule that has these times */
export function scheduleOf(recurrence: Recurrence): CrontabSchedule {
  const [hour, minute] = recurrence.time.split(':').map(Number);
  return {
    type: 'crontab',
    crontab: [minute, hour, dayOfMonth(recurrence), '*', dayOfWeek(recurrence)].join(' '),
    timezone: recurrence.zone,
  };
}

/** @returns how the form would have it; null when it cannot */
export function recurrenceOf(schedule: Schedule | null): Recurrence | null {
  if (schedule?.type !== 'crontab') return null;
  const [minute = '', hour = '', day = '', month, weekday = ''] = schedule.crontab.trim().toUpperCase().split(/\s+/);
  if (month !== '*') return null;
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  return recurrenceForm.safeParse({ ...daysOf(day, weekday), time, zone: schedule.timezone }).data ?? null;
}

function dayOfMonth(recurrence: Recurrence): string {
  if (recurrence.repeat !== 'monthly') return '*';
  return recurrence.day === 'last' ? 'L' : recurrence.day;
}

function dayOfWeek(recurrence: Recurrence): string {
  if (recurrence.repeat === 'weekdays') return 'MON-FRI';
  return recurrence.repeat === 'weekly' ? recurrence.weekday : '*';
}

function daysOf(day: string, weekday: string): Record<string, unknown> {
  if (day !== '*') {
    return weekday === '*' ? { repeat: 'monthly', day: day === 'L' ? 'last' : day.replace(/^0/, '') } : {};
  }
  if (weekday === '*') return { repeat: 'daily' };
  if (weekday === 'MON-FRI' || weekday === '1-5') return { repeat: 'weekdays' };
  // Cron's Sunday is 0, and 7 as well.
  return { repeat: 'weekly', weekday: /^[0-7]$/.test(weekday) ? WEEKDAYS[(Number(weekday) + 6) % 7] : weekday };
}
