import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ScheduleModule } from '@celeriac/schedule';
import { TasksModule, type Broker, type TaskRoutes, type TasksModuleOptions } from '@celeriac/tasks';
import type { MailEventsOptions } from './events/mail-events-options.js';
import { mailQueues, mailRoutes, mailTasks } from './mail-broker.js';
import { MailEventsModule } from './mail-events.module.js';
import { mailDatabase } from './store/schema.js';

/** What `MailAppModule.forRoot` is told. */
export interface MailAppOptions extends Pick<TasksModuleOptions, 'annotations' | 'reconcileAfterMs'> {
  /** Closed with the app. */
  broker: Broker;
  databaseUrl: string;
  events: MailEventsOptions;
  taskRoutes: TaskRoutes;
}

/**
 * What every process of the mail app has: its database, its tasks, when they are due, and who is told of events. Import
 * it once; what it brings is global.
 */
@Module({})
export class MailAppModule {
  static forRoot({ databaseUrl, events, taskRoutes, ...tasks }: MailAppOptions): DynamicModule {
    return {
      module: MailAppModule,
      imports: [
        TypeOrmModule.forRoot(mailDatabase(databaseUrl)),
        TasksModule.forRoot({
          ...tasks,
          queues: mailQueues(events),
          contracts: mailTasks(events),
          taskRoutes: mailRoutes(taskRoutes, events),
        }),
        ScheduleModule.forRoot({}),
        MailEventsModule.forRoot(events),
      ],
    };
  }
}
