import { ConfigurableModuleBuilder, Logger, Module } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { KnownContracts, TaskClient, TaskRouter } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { EntrySender } from './sending/entry-sender.js';
import { ScheduleBook } from './book/schedule-book.js';
import { DeclaredEntries } from './declared/declared-entries.js';
import { findPeriodic } from './declared/find-periodic.js';
import type { NewEntry } from './entry/parse-entry.js';

/** What `ScheduleModule.forRoot` is told. */
export interface ScheduleModuleOptions {
  /** Entries that beat writes when it starts, besides those of `@Periodic`. */
  entries?: readonly NewEntry[];
  /** The zone of crontabs that `celeriac schedule add` is given without one. @defaultValue UTC */
  timezone?: string;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ScheduleModuleOptions>()
  .setClassMethodName('forRoot')
  .setExtras({}, (definition) => ({ ...definition, global: true }))
  .build();

/**
 * Periodic tasks: what the app knows of them. Needs `TasksModule`, and a TypeORM DataSource with `scheduleEntities` and
 * `scheduleMigrations` beside those of the tasks. A process that is to send them imports `BeatModule` too. Import it
 * once; it is global.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    {
      provide: EntrySender,
      inject: [TaskClient, KnownContracts, TaskRouter],
      useFactory: (tasks: TaskClient, contracts: KnownContracts, router: TaskRouter) =>
        new EntrySender(tasks, contracts, router),
    },
    {
      provide: ScheduleBook,
      inject: [MODULE_OPTIONS_TOKEN, DataSource, EntrySender],
      useFactory: ({ timezone }: ScheduleModuleOptions, dataSource: DataSource, sender: EntrySender) =>
        new ScheduleBook(dataSource, sender, timezone),
    },
    {
      provide: DeclaredEntries,
      inject: [MODULE_OPTIONS_TOKEN, DiscoveryService, DataSource, EntrySender],
      useFactory: (
        { entries = [] }: ScheduleModuleOptions,
        discovery: DiscoveryService,
        dataSource: DataSource,
        sender: EntrySender,
      ) => {
        const find = (): NewEntry[] => [...entries, ...findPeriodic(discovery)];
        return new DeclaredEntries(find, dataSource, sender, new Logger('Beat'));
      },
    },
  ],
  exports: [ScheduleBook, EntrySender, DeclaredEntries],
})
export class ScheduleModule extends ConfigurableModuleClass {}
