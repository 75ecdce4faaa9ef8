import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Something that the tests need is not on this machine, and cannot be put there. */
export class MissingServiceError extends Error {
  override readonly name = 'MissingServiceError';

  constructor(
    readonly service: string,
    /** What would mend it, a line each. */
    readonly ways: string[],
  ) {
    super(
      `The tests need ${service}, and there is none. Any of these will do:\n${ways.map((way) => `  - ${way}`).join('\n')}`,
    );
  }
}

/** @returns whether a command ends well */
export async function succeeds(command: string, args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}

/**
 * Installs a Debian package, as root or with a sudo that asks for no password. A service that it brings is not started.
 *
 * @returns false where that is not possible
 */
export async function aptInstall(packageName: string): Promise<boolean> {
  if (!existsSync('/usr/bin/apt-get')) return false;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !(await succeeds('sudo', ['-n', 'true']))) return false;
  const apt = (...args: string[]): Promise<boolean> => {
    const command = [
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'RUNLEVEL=1',
      'apt-get',
      '-y',
      '--no-install-recommends',
      // Several test files may want something at the same time.
      '-o',
      'DPkg::Lock::Timeout=120',
      ...args,
    ];
    return isRoot ? succeeds(command[0] as string, command.slice(1)) : succeeds('sudo', ['-n', ...command]);
  };
  console.log(`Installing ${packageName} (the first time only) ...`);
  return (await apt('install', packageName)) || ((await apt('update')) && (await apt('install', packageName)));
}
