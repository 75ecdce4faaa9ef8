import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';

/** The file of an app, and who has named it. */
export interface AppFile {
  /** Absolute. */
  path: string;
  source: string;
}

/** Where the name of the app's file may come from. */
export interface AppFileSources {
  /** `--app`. */
  option: string | undefined;
  environment: NodeJS.ProcessEnv;
  /** The current folder. */
  folder: string;
}

/**
 * Finds the app's file: `--app`, else `CELERIAC_APP`, else `"celeriac": { "app": ... }` in the nearest package.json
 * that has it.
 *
 * @throws {@link CommandError} when nothing names one, or it is not there
 */
export function findAppFile({ option, environment, folder }: AppFileSources): AppFile {
  const variable = environment['CELERIAC_APP'];
  const file =
    option !== undefined
      ? { path: resolve(folder, option), source: '--app' }
      : variable !== undefined && variable !== ''
        ? { path: resolve(folder, variable), source: 'CELERIAC_APP' }
        : namedByPackage(folder);
  if (file === undefined) {
    throw new CommandError(
      ExitCode.config,
      'Which app? Name the file of its module with --app, with CELERIAC_APP, or in package.json: ' +
        '"celeriac": { "app": "dist/app.js" }.',
    );
  }
  if (!existsSync(file.path)) {
    throw new CommandError(
      ExitCode.config,
      `There is no file ${file.path}, which ${file.source} names. Is the app built?`,
    );
  }
  return file;
}

function namedByPackage(folder: string): AppFile | undefined {
  const path = join(folder, 'package.json');
  const app = appOf(path);
  if (app !== undefined) return { path: resolve(folder, app), source: path };
  const parent = dirname(folder);
  return parent === folder ? undefined : namedByPackage(parent);
}

function appOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const { celeriac } = JSON.parse(readFileSync(path, 'utf8')) as { celeriac?: { app?: unknown } };
    return typeof celeriac?.app === 'string' ? celeriac.app : undefined;
  } catch (error) {
    throw new CommandError(ExitCode.config, `${path} cannot be read: ${String(error)}`, { cause: error });
  }
}
