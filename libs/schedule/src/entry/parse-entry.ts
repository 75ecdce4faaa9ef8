import { z } from 'zod';
import { InvalidScheduleError } from '../timing/invalid-schedule.error.js';
import { parseSchedule, timeSchema } from '../timing/parse-schedule.js';
import { MISSED, OVERLAPS, type EntryDefinition } from './entry.js';
import { InvalidEntryError } from './invalid-entry.error.js';

/** What has no default has to be given. */
export type NewEntry = Pick<EntryDefinition, 'name' | 'task' | 'schedule'> & Partial<EntryDefinition>;

const LONGEST_NAME = 200;
/** Of a day, so that one tick does not come after the next but many. */
const LONGEST_JITTER_SECONDS = 86_400;
/** Some thirty years; Postgres's times have an end. */
const LONGEST_EXPIRES_SECONDS = 1e9;

const text = z.string().refine((value) => !value.includes('\0'), { error: 'it has a NUL, which Postgres cannot take' });

const schema = z
  .strictObject({
    name: text.trim().min(1, 'give it a name').max(LONGEST_NAME),
    task: text.trim().min(1, 'name the task'),
    args: z.array(z.json()).default([]),
    kwargs: z.record(z.string(), z.json()).default({}),
    options: z
      .strictObject({
        queue: text.min(1).optional(),
        priority: z.int().min(0).max(255).optional(),
        headers: z.record(z.string(), z.json()).optional(),
        expires: z.number().positive().max(LONGEST_EXPIRES_SECONDS).optional(),
      })
      .default({}),
    schedule: z.unknown(),
    enabled: z.boolean().default(true),
    description: text.default(''),
    startsAt: timeSchema.nullable().default(null),
    endsAt: timeSchema.nullable().default(null),
    oneOff: z.boolean().default(false),
    missed: z.enum(MISSED).default('last'),
    overlap: z.enum(OVERLAPS).default('allow'),
    jitterSeconds: z.number().min(0).max(LONGEST_JITTER_SECONDS).default(0),
  })
  .check(({ value: { startsAt, endsAt }, issues }) => {
    if (startsAt === null || endsAt === null || startsAt < endsAt) return;
    issues.push({ code: 'custom', path: ['endsAt'], message: 'it has to be after startsAt', input: endsAt });
  });

/**
 * Reads a periodic task, such as one out of JSON, fills in what was left open, and checks it.
 *
 * @throws {@link InvalidEntryError} with each field that makes no sense
 */
export function parseEntry(given: NewEntry | Record<string, unknown>): EntryDefinition {
  const { data, error } = schema.safeParse(given);
  const name = typeof given.name === 'string' ? given.name : '';
  if (error !== undefined) {
    throw new InvalidEntryError(
      name,
      error.issues.map(({ path, message }) => ({ field: path.join('.'), problem: message })),
    );
  }
  try {
    return { ...data, schedule: parseSchedule(data.schedule) };
  } catch (scheduleError) {
    if (!(scheduleError instanceof InvalidScheduleError)) throw scheduleError;
    const issues = scheduleError.issues.map(({ field, problem }) => ({ field: `schedule.${field}`, problem }));
    throw new InvalidEntryError(name, issues);
  }
}
