// The modules
export { Beat } from './beat/beat.js';
export { BeatModule, type BeatModuleOptions } from './beat.module.js';
export { ScheduleModule, type ScheduleModuleOptions } from './schedule.module.js';
export type { SentTick } from './beat/round.js';

// Entries
export { Periodic, type PeriodicOptions } from './declared/periodic.decorator.js';
export { ScheduleBook, type EntryChanges, type EntryQuery } from './book/schedule-book.js';
export { changedFields } from './declared/changed-fields.js';
export { UnknownEntryError } from './book/unknown-entry.error.js';
export { dueTicks, type DueTicks, type Timing } from './entry/due-ticks.js';
export type { Entry, EntryDefinition, EntryOptions, Missed, Overlap } from './entry/entry.js';
export { isOverdue } from './entry/is-overdue.js';
export { InvalidEntryError } from './entry/invalid-entry.error.js';
export { whyDisabled, type DisabledReason } from './entry/why-disabled.js';
export type { NewEntry } from './entry/parse-entry.js';

// When they are due
export { describeSchedule, type ScheduleWords } from './timing/describe-schedule.js';
export { InvalidScheduleError, type ScheduleIssue } from './timing/invalid-schedule.error.js';
export { parseSchedule } from './timing/parse-schedule.js';
export { nextRuns } from './timing/runs.js';
export { isTimeZone } from './timing/time-zone.js';
export type {
  ClockedSchedule,
  CrontabSchedule,
  IntervalPeriod,
  IntervalSchedule,
  Schedule,
  SolarEvent,
  SolarSchedule,
} from './timing/schedule.js';

// Postgres
export { ScheduleEntryEntity } from './store/entities/schedule-entry.entity.js';
export { ScheduleTickEntity } from './store/entities/schedule-tick.entity.js';
export { scheduleEntities, scheduleMigrations } from './store/schema.js';
