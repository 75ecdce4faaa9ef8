import type { MigrationInterface } from 'typeorm';
import { ScheduleEntryEntity } from './entities/schedule-entry.entity.js';
import { ScheduleTickEntity } from './entities/schedule-tick.entity.js';
import { Schedule1764200000000 } from './migrations/1764200000000-schedule.js';

/** For a DataSource's `entities`, beside `taskEntities`. */
export const scheduleEntities: Array<new () => object> = [ScheduleEntryEntity, ScheduleTickEntity];

/** For a DataSource's `migrations`, after `taskMigrations`. */
export const scheduleMigrations: Array<new () => MigrationInterface> = [Schedule1764200000000];
