import type { Command } from 'commander';
import { findAppFile } from '../app/app-file.js';
import type { OpenApp } from '../app/open-app.js';
import type { ExitCode } from '../exit-code.js';
import { Terminal } from '../terminal/terminal.js';

/** The options that every command has. */
export interface GlobalOptions {
  app?: string;
  json?: true;
}

/** Tells the caller of the program what a command ends with. */
export type Finish = (exitCode: ExitCode) => void;

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
    const { app: option, json = false } = command.optsWithGlobals<GlobalOptions>();
    const file = findAppFile({ option, environment: process.env, folder: process.cwd() });
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
