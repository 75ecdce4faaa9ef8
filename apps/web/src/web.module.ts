import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { mailEvents, mailPeriodic, type Configuration } from '@celeriac/config';
import {
  mailAnnotations,
  mailDatabase,
  MailEventsModule,
  MailModule,
  mailQueues,
  mailRoutes,
  mailSchedule,
  mailTasks,
  RecurringMails,
  RecurringRuns,
} from '@celeriac/mail';
import { ScheduleModule } from '@celeriac/schedule';
import { TasksModule, type Broker } from '@celeriac/tasks';
import { MailEventsApiController } from './api/mail-events-api.controller.js';
import { MailsApiController } from './api/mails-api.controller.js';
import { HealthController } from './health/health.controller.js';
import { ErrorFilter } from './http/error.filter.js';
import { FormController } from './mails/form.controller.js';
import { HistoryController } from './mails/history.controller.js';
import { LiveMails } from './mails/live-mails.js';
import { MailController } from './mails/mail.controller.js';
import { OpenPages } from './mails/open-pages.js';
import { RecurringFormController } from './recurring/recurring-form.controller.js';
import { RecurringController } from './recurring/recurring.controller.js';
import { BROKER, WEB_OPTIONS, type WebOptions } from './web-options.js';

@Module({})
export class WebModule {
  /** @param broker - closed with the app */
  static forRoot(configuration: Configuration, broker: Broker): DynamicModule {
    const events = mailEvents(configuration);
    const options: WebOptions = { from: configuration.DEFAULT_FROM_EMAIL, timeZone: configuration.TIME_ZONE };
    return {
      module: WebModule,
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
        ScheduleModule.forRoot({ entries: mailSchedule(mailPeriodic(configuration)) }),
        MailEventsModule.forRoot(events),
        MailModule,
        TerminusModule,
      ],
      controllers: [
        FormController,
        HistoryController,
        MailController,
        RecurringController,
        RecurringFormController,
        MailsApiController,
        ...(events.auditLog ? [MailEventsApiController] : []),
        HealthController,
      ],
      providers: [
        LiveMails,
        OpenPages,
        RecurringMails,
        RecurringRuns,
        { provide: WEB_OPTIONS, useValue: options },
        { provide: BROKER, useValue: broker },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    };
  }
}
