import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule, type NewEntry } from '@celeriac/schedule';
import { threadHandler, type Broker } from '@celeriac/tasks';
import { FailureAlarm } from './print/failure-alarm.js';
import { drawPoster, POSTER_OF_THE_DAY } from './posters.tasks.js';
import { PrintPosterHandler } from './print/print-poster.handler.js';
import { PrintShop } from './print/print-shop.js';
import { taskImports } from './task-imports.js';
import { HangPosterHandler } from './wall/hang-poster.handler.js';

/** The handler is in a thread, where there is no method for `@Periodic`. */
const posterOfTheDay: NewEntry = {
  name: 'poster of the day',
  task: drawPoster.name,
  kwargs: POSTER_OF_THE_DAY,
  schedule: { type: 'crontab', crontab: '0 5 * * *', timezone: 'Europe/Vienna' },
};

/** The tasks, when they are due by themselves, and their handlers, without the worker that runs them. */
@Module({})
export class PosterTasksModule {
  static forRoot(databaseUrl: string, broker: Broker): DynamicModule {
    return {
      module: PosterTasksModule,
      imports: [...taskImports(databaseUrl, broker), ScheduleModule.forRoot({ entries: [posterOfTheDay] })],
      providers: [
        HangPosterHandler,
        PrintPosterHandler,
        PrintShop,
        FailureAlarm,
        // The same file for who runs the sources (tests) and for who runs what is compiled.
        threadHandler(drawPoster, new URL('../dist/draw/draw-poster.thread.js', import.meta.url)),
      ],
    };
  }
}
