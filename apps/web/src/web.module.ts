import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { mailAppSettings, type Configuration } from '@celeriac/config';
import { MailAppModule, MailModule, RecurringMails, RecurringRuns } from '@celeriac/mail';
import { BeatModule } from '@celeriac/schedule';
import type { Broker } from '@celeriac/tasks';
import { MailEventsApiController } from './api/mail-events-api.controller.js';
import { MailsApiController } from './api/mails-api.controller.js';
import { FormController } from './form/form.controller.js';
import { HealthController } from './health/health.controller.js';
import { ErrorFilter } from './http/error.filter.js';
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
    const settings = mailAppSettings(configuration);
    const options: WebOptions = { from: configuration.DEFAULT_FROM_EMAIL, timeZone: configuration.TIME_ZONE };
    return {
      module: WebModule,
      imports: [
        MailAppModule.forRoot({ ...settings, broker }),
        MailModule,
        TerminusModule,
        ...(configuration.BEAT_INSIDE.includes('web') ? [BeatModule.forRoot({})] : []),
      ],
      controllers: [
        FormController,
        HistoryController,
        MailController,
        RecurringController,
        RecurringFormController,
        MailsApiController,
        ...(settings.events.auditLog ? [MailEventsApiController] : []),
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
