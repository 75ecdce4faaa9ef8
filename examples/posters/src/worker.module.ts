import { Module, type DynamicModule } from '@nestjs/common';
import { TaskWorkerModule, type Broker } from '@celeriac/tasks';
import { PosterTasksModule } from './poster-tasks.module.js';
import { queues } from './posters.tasks.js';

@Module({})
export class WorkerModule {
  static forRoot(databaseUrl: string, broker: Broker): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        PosterTasksModule.forRoot(databaseUrl, broker),
        TaskWorkerModule.forRoot({ queues, name: 'posters@%h', concurrency: 4, shutdownTimeoutMs: 5000 }),
      ],
    };
  }
}
