import { Module, type DynamicModule } from '@nestjs/common';
import type { Configuration } from '@celeriac/config';
import { mailQueues } from '@celeriac/mail';
import { TaskWorkerModule, type Broker } from '@celeriac/tasks';
import { MailTasksModule } from './mail-tasks.module.js';

@Module({})
export class WorkerModule {
  /** @param broker - closed with the app */
  static forRoot(configuration: Configuration, broker: Broker): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        MailTasksModule.forRoot(configuration, broker),
        TaskWorkerModule.forRoot({
          queues: mailQueues,
          name: configuration.WORKER_NAME,
          concurrency: configuration.WORKER_CONCURRENCY,
          leaseMs: configuration.WORKER_LEASE * 1000,
          shutdownTimeoutMs: configuration.SHUTDOWN_TIMEOUT * 1000,
        }),
      ],
    };
  }
}
