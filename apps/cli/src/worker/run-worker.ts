import { AppLogger, runProcess, type Stoppable } from '@celeriac/process';
import {
  assertMigrated,
  SchemaOutdatedError,
  TaskRouter,
  TASKS_OPTIONS,
  TaskServer,
  TaskWorkerModule,
  type TasksModuleOptions,
  type TaskWorkerModuleOptions,
} from '@celeriac/tasks';
import { Logger, Module, type DynamicModule, type INestMicroservice, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import type { AppFile } from '../app/app-file.js';
import { failureOf } from '../app/failure.js';
import { assertQueues, queueNames } from '../app/known-names.js';
import { loadApp, type LoadedApp } from '../app/load-app.js';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { flagOf } from '../input/flag-of.js';
import { sayError } from '../say-error.js';
import { paintFor } from '../terminal/terminal.js';
import { banner } from './banner.js';
import { WORKER_DEFAULTS } from './worker-defaults.js';

/** What the command line says of a worker. */
export interface WorkerOptions {
  queues?: string[];
  concurrency?: number;
  hostname?: string;
  prefetchAhead?: number;
  /** Seconds. */
  shutdownTimeout?: number;
  /** Beat inside. */
  beat?: boolean;
}

@Module({})
class WorkerRoot {}

/**
 * Runs an app's worker until it is stopped. An app that has a `TaskWorkerModule` of its own is run as it is.
 *
 * @throws {@link CommandError} when the app cannot be used, or the options are not for it
 */
export async function runWorker(file: AppFile, options: WorkerOptions): Promise<never> {
  const logger = new AppLogger();
  Logger.overrideLogger(logger);
  const { beat = false, ...own } = options;
  const loaded = await loadApp(file);
  // Loaded by workers that need it alone.
  const beatInside = beat ? await import('../beat/beat-module.js') : undefined;
  const root = workerRoot(loaded, own, beatInside?.beatModules(loaded));
  await runProcess(async (): Promise<Stoppable> => {
    const app = await start(root, logger);
    await app.listen();
    await beatInside?.sayBeat(app);
    const server = app.get(TaskServer);
    return { broken: server.broken, hurry: () => server.hurry(), close: () => app.close() };
  });
  // It ends the process itself.
  return new Promise(() => undefined);
}

/** Everything but what consumes. */
async function start(root: DynamicModule, logger: AppLogger): Promise<INestMicroservice> {
  try {
    const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(root, {
      inject: [TaskServer],
      useFactory: (strategy: TaskServer) => ({ strategy }),
      abortOnError: false,
      logger,
    });
    const tasks = app.get<TasksModuleOptions>(TASKS_OPTIONS);
    assertQueues(app.get(TaskServer).identity.queues, queueNames(app.get(TaskRouter)));
    if (tasks.store === undefined) await assertMigrated(app.get(DataSource));
    if (process.stdout.isTTY) process.stdout.write(banner(app, paintFor(process.stdout)));
    return app;
  } catch (error) {
    // An error of a worker is a line in its log; what is to be done on the command line is said as everywhere else.
    if (error instanceof CommandError || error instanceof SchemaOutdatedError) process.exit(sayError(failureOf(error)));
    throw error;
  }
}

function workerRoot(
  { module, classes, worker }: LoadedApp,
  options: Omit<WorkerOptions, 'beat'>,
  beat: ReadonlyArray<Type | DynamicModule> = [],
): DynamicModule {
  const imports = [module, DiscoveryModule, ...beat];
  if (!classes.has(TaskWorkerModule))
    return { module: WorkerRoot, imports: [...imports, workerModule(worker, options)] };
  const given = Object.keys(options)[0];
  if (given === undefined) return { module: WorkerRoot, imports };
  throw new CommandError(
    ExitCode.usage,
    `The app has a TaskWorkerModule of its own, which says what ${flagOf(given)} would: leave out the option, or the module.`,
  );
}

/** As the command line says, else as the app does. */
function workerModule(worker: Partial<TaskWorkerModuleOptions>, options: WorkerOptions): DynamicModule {
  const given: Partial<TaskWorkerModuleOptions> = {
    ...(options.queues !== undefined && { queues: options.queues }),
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
    ...(options.hostname !== undefined && { name: options.hostname }),
    ...(options.prefetchAhead !== undefined && { prefetchAhead: options.prefetchAhead }),
    ...(options.shutdownTimeout !== undefined && { shutdownTimeoutMs: options.shutdownTimeout * 1000 }),
  };
  return TaskWorkerModule.forRootAsync({
    inject: [TaskRouter],
    useFactory: (router: TaskRouter): TaskWorkerModuleOptions => {
      const all = { queues: queueNames(router), ...WORKER_DEFAULTS, ...worker, ...given };
      const slots = Object.entries(all.slots ?? {}).filter(([queue]) => all.queues.includes(queue));
      return { ...all, slots: Object.fromEntries(slots) };
    },
  });
}
