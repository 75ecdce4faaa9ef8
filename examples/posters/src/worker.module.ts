import { Module, type DynamicModule } from '@nestjs/common';
import { BeatModule } from '@celeriac/schedule';
import { TaskWorkerModule, type Broker } from '@celeriac/tasks';
import { PosterTasksModule } from './poster-tasks.module.js';
import { queues } from './posters.tasks.js';

/** Runs the tasks, and sends those that are due: each is sent once, however many workers there are. */
@Module({})
export class WorkerModule {
  static forRoot(databaseUrl: string, broker: Broker): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        PosterTasksModule.forRoot(databaseUrl, broker),
        TaskWorkerModule.forRoot({ queues, name: 'posters@%h', concurrency: 4, shutdownTimeoutMs: 5000 }),
        BeatModule.forRoot({}),
      ],
    };
  }
}
