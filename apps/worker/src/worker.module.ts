import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { mailEvents, type Configuration } from '@celeriac/config';
import {
  deliverWebhook,
  mailDatabase,
  MailEventsModule,
  mailQueues,
  MailSendingModule,
  MailSubscribersModule,
  mailTasks,
} from '@celeriac/mail';
import { TasksModule, TaskWorkerModule, type Broker } from '@celeriac/tasks';
import { DeliverWebhookHandler } from './deliver-webhook.handler.js';
import { transportOptions } from './mail-transport.js';
import { SendEmailHandler } from './send-email.handler.js';

const TEMPLATES_FOLDER = join(import.meta.dirname, '../../../views/emails');

@Module({})
export class WorkerModule {
  /** @param broker - closed with the app */
  static forRoot(configuration: Configuration, broker: Broker): DynamicModule {
    const events = mailEvents(configuration);
    const queues = mailQueues(events);
    return {
      module: WorkerModule,
      imports: [
        TypeOrmModule.forRoot(mailDatabase(configuration.DATABASE_URL)),
        TasksModule.forRoot({
          broker,
          queues,
          contracts: mailTasks(events),
          annotations: configuration.TASK_ANNOTATIONS,
          reconcileAfterMs: configuration.RECONCILE_AFTER * 1000,
        }),
        TaskWorkerModule.forRoot({
          queues,
          name: configuration.WORKER_NAME,
          concurrency: configuration.WORKER_CONCURRENCY,
          slots: events.webhooks === null ? {} : { [deliverWebhook.queue]: webhookSlots(configuration) },
          leaseMs: configuration.WORKER_LEASE * 1000,
          shutdownTimeoutMs: configuration.SHUTDOWN_TIMEOUT * 1000,
        }),
        MailEventsModule.forRoot(events),
        MailSubscribersModule.forRoot(events),
        MailSendingModule.forRoot({
          transport: transportOptions(configuration),
          from: configuration.DEFAULT_FROM_EMAIL,
          templatesFolder: TEMPLATES_FOLDER,
          onUncertain: configuration.MAIL_ON_UNCERTAIN,
        }),
      ],
      providers: [SendEmailHandler, ...(events.webhooks === null ? [] : [DeliverWebhookHandler])],
    };
  }
}

/** Endpoints that are slow, or away, leave most places to mails. */
function webhookSlots({ WORKER_CONCURRENCY }: Configuration): number {
  return Math.max(1, Math.floor(WORKER_CONCURRENCY / 4));
}
