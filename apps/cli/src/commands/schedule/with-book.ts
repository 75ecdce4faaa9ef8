import type { ScheduleBook } from '@celeriac/schedule';
import type { Command } from 'commander';
import type { OpenApp } from '../../app/open-app.js';
import { CommandError } from '../../command.error.js';
import { ExitCode } from '../../exit-code.js';
import { didYouMean } from '../../input/closest.js';
import type { Terminal } from '../../terminal/terminal.js';
import { withApp } from '../with-app.js';

/** What a command for periodic tasks works with. */
export interface BookOfApp {
  app: OpenApp;
  book: ScheduleBook;
}

/** As `withApp`, for an app that has periodic tasks. */
export function withBook<Arguments extends unknown[]>(
  work: (place: BookOfApp, terminal: Terminal, ...args: Arguments) => Promise<ExitCode>,
): (...args: [...Arguments, Command]) => Promise<void> {
  return withApp(async (app, terminal, ...args: Arguments) => {
    const { assertScheduleEntities, assertSchedules } = await import('../../app/schedules.js');
    const { ScheduleBook } = await import('@celeriac/schedule');
    assertSchedules(app.loaded);
    assertScheduleEntities(app.dataSource);
    const book = app.get(ScheduleBook);
    try {
      return await work({ app, book }, terminal, ...args);
    } catch (error) {
      throw await refusalOf(error, book);
    }
  });
}

/** What an error of the book means for who runs a command; else the error itself. */
async function refusalOf(error: unknown, book: ScheduleBook): Promise<unknown> {
  const { InvalidEntryError, UnknownEntryError } = await import('@celeriac/schedule');
  if (error instanceof InvalidEntryError) return new CommandError(ExitCode.no, error.message, { cause: error });
  if (!(error instanceof UnknownEntryError)) return error;
  const names = (await book.list()).map(({ name }) => name);
  return new CommandError(ExitCode.no, `${error.message}${didYouMean(error.entry, names)}`, { cause: error });
}
