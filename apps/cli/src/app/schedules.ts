import { ScheduleEntryEntity, ScheduleModule } from '@celeriac/schedule';
import type { DataSource } from 'typeorm';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { assertImports } from './assert-imports.js';
import type { LoadedApp } from './load-app.js';

/** @throws {@link CommandError} when the app's module has no `ScheduleModule` */
export function assertSchedules(app: LoadedApp): void {
  assertImports(app, ScheduleModule, '@celeriac/schedule');
}

/** @throws {@link CommandError} when the app's DataSource knows nothing of periodic tasks */
export function assertScheduleEntities(dataSource: DataSource): void {
  if (dataSource.hasMetadata(ScheduleEntryEntity)) return;
  throw new CommandError(
    ExitCode.config,
    "The app's DataSource has no periodic tasks: add scheduleEntities to its entities and scheduleMigrations to its " +
      'migrations, then celeriac migrate.',
  );
}
