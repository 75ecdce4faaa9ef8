import { z } from 'zod';
import { crontabOf } from './crontab.js';
import { InvalidScheduleError } from './invalid-schedule.error.js';
import { nextRun } from './runs.js';
import { INTERVAL_PERIODS, SOLAR_EVENTS, type CrontabSchedule, type Schedule } from './schedule.js';
import { isTimeZone } from './time-zone.js';

/** As text, such as in JSON, with its zone. */
export const timeSchema = z.union([z.date(), z.iso.datetime({ offset: true }).transform((text) => new Date(text))], {
  error: 'expected a time with its zone, such as 2026-12-24T18:00:00Z',
});

const timezone = z.string().refine(isTimeZone, {
  error: 'there is no such time zone; expected one of the tz database, such as Europe/Vienna, or UTC',
});

/** The longest interval; a longer one is a crontab. */
const LONGEST_EVERY = 1_000_000;

const schema = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('crontab'), crontab: z.string().trim(), timezone: timezone.default('UTC') })
    .check(({ value, issues }) => {
      const problem = isTimeZone(value.timezone) ? problemOf(value) : undefined;
      if (problem !== undefined) issues.push({ code: 'custom', path: ['crontab'], message: problem, input: value });
    }),
  z.strictObject({
    type: z.literal('interval'),
    every: z.int().min(1).max(LONGEST_EVERY),
    period: z.enum(INTERVAL_PERIODS),
    from: timeSchema.optional(),
  }),
  z.strictObject({ type: z.literal('clocked'), at: timeSchema }),
  z.strictObject({
    type: z.literal('solar'),
    event: z.enum(SOLAR_EVENTS),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
  }),
]);

/**
 * Reads a schedule, such as one out of JSON, and checks it.
 *
 * @throws {@link InvalidScheduleError} when it makes no sense, or is never due
 */
export function parseSchedule(given: unknown): Schedule {
  const { data, error } = schema.safeParse(given);
  if (error === undefined) return data;
  throw new InvalidScheduleError(
    error.issues.map(({ path, message }) => ({ field: path.join('.'), problem: message })),
  );
}

function problemOf(schedule: CrontabSchedule): string | undefined {
  try {
    crontabOf(schedule);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return `${reason} (given: "${schedule.crontab}"; expected minute, hour, day of the month, month and day of the week)`;
  }
  if (nextRun(schedule, new Date()) !== null) return undefined;
  return `it is never due: there is no such day (given: "${schedule.crontab}")`;
}
