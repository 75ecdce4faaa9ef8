import { Module, type DynamicModule } from '@nestjs/common';
import { TaskWorkerModule, threadHandler, type Broker } from '@celeriac/tasks';
import { FailureAlarm } from './print/failure-alarm.js';
import { drawPoster, queues } from './posters.tasks.js';
import { PrintPosterHandler } from './print/print-poster.handler.js';
import { PrintShop } from './print/print-shop.js';
import { taskImports } from './task-imports.js';

@Module({})
export class WorkerModule {
  static forRoot(databaseUrl: string, broker: Broker): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        ...taskImports(databaseUrl, broker),
        TaskWorkerModule.forRoot({ queues, name: 'posters@%h', concurrency: 4, shutdownTimeoutMs: 5000 }),
      ],
      providers: [
        PrintPosterHandler,
        PrintShop,
        FailureAlarm,
        // The same file for who runs the sources (tests) and for who runs what is compiled.
        threadHandler(drawPoster, new URL('../dist/draw/draw-poster.thread.js', import.meta.url)),
      ],
    };
  }
}
