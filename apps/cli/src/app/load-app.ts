import { pathToFileURL } from 'node:url';
import type { DynamicModule, Type } from '@nestjs/common';
import { TasksModule, type TaskWorkerModuleOptions } from '@celeriac/tasks';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import type { AppFile } from './app-file.js';
import { assertImports } from './assert-imports.js';
import { importedModules } from './imported-modules.js';
import { reasonOf } from './reason-of.js';

/** A Nest app as its file has it: not instantiated yet. */
export interface LoadedApp {
  file: AppFile;
  module: Type | DynamicModule;
  /** The classes of all its modules. */
  classes: ReadonlySet<Type>;
  /** How it wants its worker. */
  worker: Partial<TaskWorkerModuleOptions>;
}

/**
 * Loads the module that an app's file exports by default: a class, a dynamic module, or a function that makes one; and
 * what it exports as `worker`: options of its worker, or a function that makes them.
 *
 * @throws {@link CommandError} when it has none, or one without the `TasksModule`
 */
export async function loadApp(file: AppFile): Promise<LoadedApp> {
  const { module, worker } = await exportsOf(file);
  if (!isModule(module)) {
    throw new CommandError(
      ExitCode.config,
      `${file.path} has no Nest module as its default export, but ${kindOf(module)}: export a module class, a dynamic ` +
        'module, or a function that returns one of them.',
    );
  }
  const app = { file, module, classes: await importedModules(module), worker };
  assertImports(app, TasksModule, '@celeriac/tasks');
  return app;
}

async function exportsOf({ path }: AppFile): Promise<{ module: unknown; worker: Partial<TaskWorkerModuleOptions> }> {
  try {
    const exported = (await import(pathToFileURL(path).href)) as { default?: unknown; worker?: unknown };
    const [module, worker] = await Promise.all([made(exported.default), made(exported.worker)]);
    return { module, worker: worker ?? {} };
  } catch (error) {
    throw new CommandError(ExitCode.config, `The app ${path} cannot be loaded: ${reasonOf(error)}`, { cause: error });
  }
}

/** What is exported, or what the function returns that is. */
async function made(exported: unknown): Promise<unknown> {
  return typeof exported === 'function' && !isClass(exported) ? (exported as () => unknown)() : exported;
}

function isModule(value: unknown): value is Type | DynamicModule {
  return isClass(value) || (typeof value === 'object' && value !== null && 'module' in value && isClass(value.module));
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  return value === null ? 'null' : `a value of type ${typeof value}`;
}
