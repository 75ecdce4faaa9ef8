import type { Command } from 'commander';
import { findAppFile, type AppFile } from '../app/app-file.js';
import type { OpenApp } from '../app/open-app.js';
import type { ExitCode } from '../exit-code.js';
import { Terminal } from '../terminal/terminal.js';

/** The options that every command has. */
interface GlobalOptions {
  app?: string;
  json?: true;
}

/**
 * An action of commander's that needs the app: opens it, works, and closes it again. The app is loaded as late as
 * that, so that help and mistakes answer at once.
 *
 * @param work - gets the command's arguments and options after these two; what it returns is the exit code
 */
export function withApp<Arguments extends unknown[]>(
  work: (app: OpenApp, terminal: Terminal, ...args: Arguments) => Promise<ExitCode>,
): (...args: [...Arguments, Command]) => Promise<void> {
  return async (...args) => {
    const command = args.pop() as Command;
    const file = appFileOf(command);
    const { json = false } = command.optsWithGlobals<GlobalOptions>();
    const [{ OpenApp }, { failureOf }] = await Promise.all([import('../app/open-app.js'), import('../app/failure.js')]);
    try {
      const app = await OpenApp.open(file);
      try {
        process.exitCode = await work(app, new Terminal(json), ...(args as unknown as Arguments));
      } finally {
        await app.close();
      }
    } catch (error) {
      throw failureOf(error);
    }
  };
}

/** @throws {@link CommandError} when nothing names the app's file, or it is not there */
export function appFileOf(command: Command): AppFile {
  const { app: option } = command.optsWithGlobals<GlobalOptions>();
  return findAppFile({ option, environment: process.env, folder: process.cwd() });
}
