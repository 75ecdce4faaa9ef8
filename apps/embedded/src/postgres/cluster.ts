import { randomBytes } from 'node:crypto';
import { chown, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresBinaries } from './binaries.js';
import { EmbeddedPostgresFolderError } from './errors.js';
import { LOOPBACK } from './ports.js';
import { isAlive } from './postmaster-file.js';
import { runProgram } from './run-program.js';
import type { ServerUser } from './server-user.js';

/** The database role that owns everything. */
const ROLE = 'celeriac';

/** One server on disk: where it lies, who runs it and with which programs. */
export interface Cluster {
  /** Folder of the password, the log and the data. */
  readonly folder: string;
  /** The data itself (`PGDATA`). */
  readonly pgData: string;
  readonly logFile: string;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser | undefined;
}

/** Names the parts of a server folder. */
export function describeCluster(folder: string, binaries: PostgresBinaries, user: ServerUser | undefined): Cluster {
  return { folder, pgData: join(folder, 'data'), logFile: join(folder, 'server.log'), binaries, user };
}

/**
 * Connection address of a database of this server.
 *
 * @throws EmbeddedPostgresFolderError when the generated password is gone.
 */
export async function urlOf(cluster: Cluster, port: number, database: string): Promise<string> {
  const password = await readFile(passwordFile(cluster), 'utf8').catch(() => {
    throw new EmbeddedPostgresFolderError(
      `The password of the Postgres data in ${cluster.folder} is missing (${passwordFile(cluster)}); ` +
        'put that file back, or remove the data (--fresh).',
    );
  });
  return `postgres://${ROLE}:${password.trim()}@${LOOPBACK}:${port}/${encodeURIComponent(database)}`;
}

/**
 * Makes the data (initdb) if there is none: UTF-8, sorted by code point, and a generated password that is asked for on
 * every connection. It is made beside its place and then renamed, so a start that was cut off leaves no half-made data.
 *
 * @param isDurable Whether to wait until it is safely on the disk.
 * @throws EmbeddedPostgresCommandError when initdb fails.
 */
export async function ensureData(cluster: Cluster, isDurable: boolean): Promise<void> {
  if (await exists(join(cluster.pgData, 'PG_VERSION'))) return;
  await removeUnfinished(cluster);
  await ensurePassword(cluster);
  const unfinished = `${cluster.pgData}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  const args = [
    '-D',
    unfinished,
    '-U',
    ROLE,
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile(cluster)}`,
    // The locale that Postgres brings along is the same on every platform.
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(isDurable ? [] : ['--no-sync']),
  ];
  await runProgram(cluster.binaries.initdb, args, { cwd: cluster.folder, user: cluster.user, title: 'initdb' });
  await rename(unfinished, cluster.pgData).catch(async (error: Error) => {
    await rm(unfinished, { recursive: true, force: true });
    // Another process that started at the same time was quicker; the lock decides later which of the two goes on.
    if (!(await exists(join(cluster.pgData, 'PG_VERSION')))) throw error;
  });
}

const passwordFile = ({ folder }: Cluster) => join(folder, 'password');

async function ensurePassword(cluster: Cluster): Promise<void> {
  const file = passwordFile(cluster);
  try {
    await writeFile(file, `${randomBytes(24).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // Also of one that another process has just made, and that initdb reads here before it has done this.
  if (cluster.user) await chown(file, cluster.user.uid, cluster.user.gid);
}

async function removeUnfinished({ folder }: Cluster): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(/^data\.new-(\d+)-/.exec(name)?.[1]);
    if (pid && !isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

const exists = (path: string) => stat(path).then(Boolean, () => false);
