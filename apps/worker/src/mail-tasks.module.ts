import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { mailAppSettings, type Configuration } from '@celeriac/config';
import { MailAppModule, MailPeriodicModule, MailSendingModule, MailSubscribersModule } from '@celeriac/mail';
import type { Broker } from '@celeriac/tasks';
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
    const settings = mailAppSettings(configuration);
    return {
      module: MailTasksModule,
      imports: [
        MailAppModule.forRoot({ ...settings, broker }),
        MailSubscribersModule.forRoot(settings.events),
        MailPeriodicModule.forRoot(settings.periodic),
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
        ...(settings.events.webhooks === null ? [] : [DeliverWebhookHandler]),
      ],
    };
  }
}
