import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ScheduleModule } from '@celeriac/schedule';
import { TasksModule, type Broker, type TaskAnnotations, type TaskRoutes } from '@celeriac/tasks';
import type { MailEventsOptions } from './events/mail-events-options.js';
import { mailAnnotations, mailQueues, mailRoutes, mailTasks } from './mail-broker.js';
import { MailEventsModule } from './mail-events.module.js';
import type { MailPeriodicOptions } from './periodic/mail-periodic-options.js';
import { mailSchedule } from './periodic/mail-schedule.js';
import { mailDatabase } from './store/schema.js';

/** What `MailAppModule.forRoot` is told. */
export interface MailAppOptions {
  /** Closed with the app. */
  broker: Broker;
  databaseUrl: string;
  events: MailEventsOptions;
  periodic: MailPeriodicOptions;
  annotations: TaskAnnotations;
  taskRoutes: TaskRoutes;
  /** After so long, what nothing moves any more is put into its queue again. */
  reconcileAfterMs: number;
}

/**
 * What every process of the mail app has: its database, its tasks, when they are due, and who is told of events. Import
 * it once; what it brings is global.
 */
@Module({})
export class MailAppModule {
  /** @throws InvalidSettingError when annotations or routes make no sense */
  static forRoot({ broker, databaseUrl, events, periodic, ...tasks }: MailAppOptions): DynamicModule {
    return {
      module: MailAppModule,
      imports: [
        TypeOrmModule.forRoot(mailDatabase(databaseUrl)),
        TasksModule.forRoot({
          broker,
          queues: mailQueues(events),
          contracts: mailTasks(events),
          annotations: mailAnnotations(tasks.annotations),
          taskRoutes: mailRoutes(tasks.taskRoutes, events),
          reconcileAfterMs: tasks.reconcileAfterMs,
        }),
        ScheduleModule.forRoot({ entries: mailSchedule(periodic), timezone: periodic.timeZone }),
        MailEventsModule.forRoot(events),
      ],
    };
  }
}
