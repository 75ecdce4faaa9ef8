import type { Type } from '@nestjs/common';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import type { LoadedApp } from './load-app.js';

/**
 * @param wanted - a module of ours
 * @param library - the package that it is of
 * @throws {@link CommandError} when the app's module does not import it
 */
export function assertImports(
  { file, classes }: Pick<LoadedApp, 'file' | 'classes'>,
  wanted: Type,
  library: string,
): void {
  if (classes.has(wanted)) return;
  const isAnotherCopy = [...classes].some(({ name }) => name === wanted.name);
  const why = isAnotherCopy
    ? `imports ${wanted.name} from another copy of ${library} than that of this command: install celeriac in the app, ` +
      `beside its own ${library} and of the same version, then npm dedupe.`
    : `does not import ${wanted.name}: add ${wanted.name}.forRoot(...) to its imports.`;
  throw new CommandError(ExitCode.config, `The module of ${file.path} ${why}`);
}
