import { AppLogger, runProcess, type Stoppable } from '@celeriac/process';
import { BeatModule } from '@celeriac/schedule';
import { SchemaOutdatedError } from '@celeriac/tasks';
import { Logger, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AppFile } from '../app/app-file.js';
import { failureOf } from '../app/failure.js';
import { loadApp, type LoadedApp } from '../app/load-app.js';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { sayError } from '../say-error.js';
import { beatModules, sayBeat } from './beat-module.js';

/** What the command line says of beat. */
export interface BeatOptions {
  reset?: boolean;
}

@Module({})
class BeatRoot {}

/**
 * Runs beat for an app until it is stopped. An app that has a `BeatModule` of its own is run as it is.
 *
 * @throws {@link CommandError} when the app cannot be used, or the options are not for it
 */
export async function runBeat(file: AppFile, options: BeatOptions): Promise<never> {
  const logger = new AppLogger();
  Logger.overrideLogger(logger);
  const root = beatRoot(await loadApp(file), options);
  await runProcess(() => start(root, logger));
  // It ends the process itself.
  return new Promise(() => undefined);
}

async function start(root: DynamicModule, logger: AppLogger): Promise<Stoppable> {
  try {
    const app = await NestFactory.createApplicationContext(root, { abortOnError: false, logger });
    await sayBeat(app);
    return app;
  } catch (error) {
    // As with a worker: an error is a line in the log, and what is to be done on the command line is said as everywhere.
    if (error instanceof CommandError || error instanceof SchemaOutdatedError) process.exit(sayError(failureOf(error)));
    throw error;
  }
}

function beatRoot(app: LoadedApp, { reset }: BeatOptions): DynamicModule {
  if (reset === true && app.classes.has(BeatModule)) {
    throw new CommandError(
      ExitCode.usage,
      'The app has a BeatModule of its own, which says what --reset would: leave out the option, or the module.',
    );
  }
  return { module: BeatRoot, imports: [app.module, ...beatModules(app, reset)] };
}
