import { Console } from 'node:console';
import { isLoginRefused } from '@celeriac/process';
import { Logger, Module, type INestMicroservice, type InjectionToken } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  BROKER,
  DeadLetterQueues,
  KnownContracts,
  TASK_STORE,
  TaskClient,
  TaskRouter,
  TASKS_OPTIONS,
  TasksModule,
  type Broker,
  type TaskContract,
  type TasksModuleOptions,
  type TaskStore,
} from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import type { AppFile } from './app-file.js';
import { CommandLog, DatabaseAwayError } from './command-log.js';
import { queueNames } from './known-names.js';
import { loadApp, type LoadedApp } from './load-app.js';
import { NO_TRANSPORT } from './no-transport.js';
import { reasonOf } from './reason-of.js';

@Module({})
class CommandRoot {}

/** An app for the time of a command: its providers are there, and none of its hooks has been called. */
export class OpenApp {
  readonly tasks: TaskClient;
  readonly store: TaskStore;
  readonly broker: Broker;
  /** Of its `TasksModule`. */
  readonly options: TasksModuleOptions;

  private constructor(
    private readonly context: INestMicroservice,
    /** As its file has it. */
    readonly loaded: LoadedApp,
  ) {
    this.tasks = this.get(TaskClient);
    this.store = this.get<TaskStore>(TASK_STORE);
    this.broker = this.get<Broker>(BROKER);
    this.options = this.get<TasksModuleOptions>(TASKS_OPTIONS);
  }

  /** @throws {@link CommandError}; {@link DatabaseAwayError} */
  static async open(file: AppFile): Promise<OpenApp> {
    // Stdout is for the command's answer.
    globalThis.console = new Console(process.stderr);
    const log = new CommandLog((text) => process.stderr.write(text));
    // Before the app's own file is loaded: what it makes may log at once.
    Logger.overrideLogger(log);
    const loaded = await loadApp(file);
    const root = { module: CommandRoot, imports: [loaded.module] };
    const options = { strategy: NO_TRANSPORT, logger: log, abortOnError: false };
    try {
      const context = await Promise.race([NestFactory.createMicroservice(root, options), log.databaseAway]);
      return new OpenApp(context, loaded);
    } catch (error) {
      if (error instanceof DatabaseAwayError || isLoginRefused(error)) throw error;
      const message = `The app ${file.path} cannot be put together: ${reasonOf(error)}`;
      throw new CommandError(ExitCode.config, message, { cause: error });
    }
  }

  /** @throws {@link CommandError} when the app has none: its tasks are kept elsewhere */
  get dataSource(): DataSource {
    const [dataSource] = this.dataSources;
    if (dataSource === undefined) throw new CommandError(ExitCode.config, 'The app has no TypeORM DataSource.');
    return dataSource;
  }

  /** The tasks that it knows, by name. */
  get contracts(): ReadonlyMap<string, TaskContract> {
    return this.get(KnownContracts).byName;
  }

  /** What no worker could run. */
  get deadLetters(): DeadLetterQueues {
    return this.get(DeadLetterQueues);
  }

  /** The names of its queues. */
  get queues(): string[] {
    return queueNames(this.get(TaskRouter));
  }

  /** @param token - of a provider of any of its modules */
  get<Instance>(token: InjectionToken<Instance>): Instance {
    return this.context.get<Instance>(token, { strict: false });
  }

  /** Closes what a command may have used. The app's own hooks stay out of it: what they would undo was never done. */
  async close(): Promise<void> {
    await this.get(TasksModule).beforeApplicationShutdown();
    for (const dataSource of this.dataSources) await dataSource.destroy();
  }

  private get dataSources(): DataSource[] {
    try {
      return [this.get(DataSource)];
    } catch {
      return [];
    }
  }
}
