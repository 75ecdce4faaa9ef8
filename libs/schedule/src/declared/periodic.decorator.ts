import 'reflect-metadata';
import type { NewEntry } from '../entry/parse-entry.js';
import type { CrontabSchedule, Schedule } from '../timing/schedule.js';

/** On the method: its {@link PeriodicMark}s. */
export const PERIODIC_METADATA = 'celeriac:periodic';

/** What {@link Periodic} is told besides the schedule. */
export interface PeriodicOptions extends Partial<Omit<NewEntry, 'task' | 'schedule'>> {
  /** Of a crontab. @defaultValue UTC */
  timezone?: string;
}

/** An entry as a method is marked with it; the name by itself is the task's. */
export type PeriodicMark = Partial<Omit<NewEntry, 'task' | 'schedule'>> & { schedule: Schedule };

/**
 * Has the task of a handler sent again and again: an entry that beat writes when it starts. A method may be marked
 * several times, under several names.
 *
 * ```ts
 * @TaskHandler(cleanUp)
 * @Periodic('0 7 * * MON-FRI', { timezone: 'Europe/Vienna', kwargs: { olderThanDays: 30 } })
 * async cleanUp(input: CleanUp) { ... }
 * ```
 *
 * @param schedule - a crontab, or any other schedule
 */
export function Periodic(schedule: string | Schedule, { timezone = 'UTC', ...options }: PeriodicOptions = {}) {
  return (_target: object, _methodName: string, { value: method }: PropertyDescriptor): void => {
    const mark: PeriodicMark = {
      ...options,
      schedule: typeof schedule === 'string' ? crontab(schedule, timezone) : schedule,
    };
    Reflect.defineMetadata(PERIODIC_METADATA, [mark, ...periodicMarks(method as object)], method as object);
  };
}

/** How a method is marked, in the order in which it says so. */
function periodicMarks(method: object): PeriodicMark[] {
  return (Reflect.getMetadata(PERIODIC_METADATA, method) as PeriodicMark[] | undefined) ?? [];
}

function crontab(text: string, timezone: string): CrontabSchedule {
  return { type: 'crontab', crontab: text, timezone };
}
