import { Module, type DynamicModule } from '@nestjs/common';
import type { Configuration } from '@celeriac/config';
import { BeatModule } from '@celeriac/schedule';
import { TaskWorkerModule, type Broker } from '@celeriac/tasks';
import type { Registry } from 'prom-client';
import { MailTasksModule } from './mail-tasks.module.js';
import { workerOptions } from './worker-options.js';

@Module({})
export class WorkerModule {
  /**
   * @param broker - closed with the app
   * @param metrics - where those of beat are registered, if it is inside
   */
  static forRoot(configuration: Configuration, broker: Broker, metrics?: Registry): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        MailTasksModule.forRoot(configuration, broker),
        TaskWorkerModule.forRoot(workerOptions(configuration)),
        ...(configuration.BEAT_INSIDE.includes('worker') ? [BeatModule.forRoot({ metrics })] : []),
      ],
    };
  }
}
