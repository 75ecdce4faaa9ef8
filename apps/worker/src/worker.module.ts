import { Module, type DynamicModule } from '@nestjs/common';
import { mailEvents, type Configuration } from '@celeriac/config';
import { deliverWebhook, mailQueues } from '@celeriac/mail';
import { TaskWorkerModule, type Broker } from '@celeriac/tasks';
import { MailTasksModule } from './mail-tasks.module.js';

@Module({})
export class WorkerModule {
  /** @param broker - closed with the app */
  static forRoot(configuration: Configuration, broker: Broker): DynamicModule {
    const events = mailEvents(configuration);
    return {
      module: WorkerModule,
      imports: [
        MailTasksModule.forRoot(configuration, broker),
        TaskWorkerModule.forRoot({
          queues: mailQueues(events),
          name: configuration.WORKER_NAME,
          concurrency: configuration.WORKER_CONCURRENCY,
          slots: events.webhooks === null ? {} : { [deliverWebhook.queue]: webhookSlots(configuration) },
          leaseMs: configuration.WORKER_LEASE * 1000,
          shutdownTimeoutMs: configuration.SHUTDOWN_TIMEOUT * 1000,
        }),
      ],
    };
  }
}

/** Endpoints that are slow, or away, leave most places to mails. */
function webhookSlots({ WORKER_CONCURRENCY }: Configuration): number {
  return Math.max(1, Math.floor(WORKER_CONCURRENCY / 4));
}
