import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { mailEvents, mailPeriodic, type Configuration } from '@celeriac/config';
import {
  mailAnnotations,
  mailDatabase,
  MailEventsModule,
  MailPeriodicModule,
  mailQueues,
  mailRoutes,
  mailSchedule,
  MailSendingModule,
  MailSubscribersModule,
  mailTasks,
} from '@celeriac/mail';
import { ScheduleModule } from '@celeriac/schedule';
import { TasksModule, type Broker } from '@celeriac/tasks';
import { DeliverWebhookHandler } from './deliver-webhook.handler.js';
import { transportOptions } from './mail-transport.js';
import { SendEmailHandler } from './send-email.handler.js';
import { SendRecurringHandler } from './send-recurring.handler.js';
import { UpkeepHandler } from './upkeep.handler.js';

const TEMPLATES_FOLDER = join(import.meta.dirname, '../../../views/emails');

/** The tasks of the mail app and their handlers, without the worker that runs them. */
@Module({})
export class MailTasksModule {
  /** @param broker - closed with the app */
  static forRoot(configuration: Configuration, broker: Broker): DynamicModule {
    const events = mailEvents(configuration);
    const periodic = mailPeriodic(configuration);
    return {
      module: MailTasksModule,
      imports: [
        TypeOrmModule.forRoot(mailDatabase(configuration.DATABASE_URL)),
        TasksModule.forRoot({
          broker,
          queues: mailQueues(events),
          contracts: mailTasks(events),
          annotations: mailAnnotations(configuration.TASK_ANNOTATIONS),
          taskRoutes: mailRoutes(configuration.TASK_ROUTES, events),
          reconcileAfterMs: configuration.RECONCILE_AFTER * 1000,
        }),
        ScheduleModule.forRoot({ entries: mailSchedule(periodic), timezone: configuration.TIME_ZONE }),
        MailEventsModule.forRoot(events),
        MailSubscribersModule.forRoot(events),
        MailPeriodicModule.forRoot(periodic),
        MailSendingModule.forRoot({
          transport: transportOptions(configuration),
          from: configuration.DEFAULT_FROM_EMAIL,
          templatesFolder: TEMPLATES_FOLDER,
          onUncertain: configuration.MAIL_ON_UNCERTAIN,
        }),
      ],
      providers: [
        SendEmailHandler,
        SendRecurringHandler,
        UpkeepHandler,
        ...(events.webhooks === null ? [] : [DeliverWebhookHandler]),
      ],
    };
  }
}
