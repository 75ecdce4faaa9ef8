import { Module, type DynamicModule } from '@nestjs/common';
import { threadHandler, type Broker } from '@celeriac/tasks';
import { FailureAlarm } from './print/failure-alarm.js';
import { drawPoster } from './posters.tasks.js';
import { PrintPosterHandler } from './print/print-poster.handler.js';
import { PrintShop } from './print/print-shop.js';
import { taskImports } from './task-imports.js';

/** The tasks and their handlers, without the worker that runs them. */
@Module({})
export class PosterTasksModule {
  static forRoot(databaseUrl: string, broker: Broker): DynamicModule {
    return {
      module: PosterTasksModule,
      imports: taskImports(databaseUrl, broker),
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
