import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Client } from 'pg';
import { binariesFor, findBinaries } from './binaries.js';
import { clusterFolder, clusterName, existingClusterFolders } from './cluster-folder.js';
import { type Cluster, describeCluster, ensureData, urlOf } from './cluster.js';
import { EmbeddedPostgresRunningError } from './errors.js';
import type { FolderLock } from './folder-lock.js';
import { type Keeper, keepRunning } from './keep-running.js';
import { choosePort } from './ports.js';
import { readPostmaster } from './postmaster-file.js';
import { liveServer, lockServer, startServer, stopLeftover, stopServer } from './server-control.js';
import { previousPort, writeSettings } from './server-settings.js';
import { serverUserFor } from './server-user.js';

/** What to start. */
export interface EmbeddedPostgresOptions {
  /** Folder for the data; each major version of Postgres has a folder of its own inside. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1. Default: the one of the last start if it is free, else any free one. */
  readonly port?: number;
  /** Name of the database to connect to; it is made if it is missing. */
  readonly database: string;
  /** Whether a commit waits for the disk. Default true; false is for tests, whose data need not outlive a power cut. */
  readonly isDurable?: boolean;
  /** Receives rare notices for the user, one line each. Default: none. */
  readonly log?: (line: string) => void;
}

/** A running server. */
export interface EmbeddedPostgres {
  /** Connection address of the database, password included. */
  readonly url: string;
  /** TCP port on 127.0.0.1. */
  readonly port: number;
  /** Stops the server; what was committed stays. A second call does nothing. */
  stop(): Promise<void>;
}

/** A free port may be taken by another program before the server listens on it: so often another one is tried. */
const MAX_ATTEMPTS = 3;

/**
 * Starts a real Postgres server of our own on 127.0.0.1, with data that stays over restarts. A server that a killed
 * process left behind is stopped first, and one that ends by itself is started again. As root, the server runs as another
 * user (see {@link serverUserFor}). Written for Linux, macOS and Windows; it was only run on Linux.
 *
 * @throws EmbeddedPostgresRunningError when another live process uses the data folder.
 * @throws EmbeddedPostgresPortError when the asked port is in use.
 * @throws EmbeddedPostgresPlatformError when there is no Postgres that runs on this machine.
 * @throws EmbeddedPostgresFolderError when the data folder cannot be used.
 * @throws EmbeddedPostgresCommandError when Postgres does not start; the end of its log is in the message.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { isDurable = true, log = () => undefined } = options;
  const dataDir = resolve(options.dataDir);
  const { major } = await findBinaries();
  const user = await serverUserFor(resolve(dataDir, clusterName(major)));
  const binaries = await binariesFor(user);
  const cluster = describeCluster(await clusterFolder(dataDir, major, user, log), binaries, user);
  await stopLeftover(cluster);
  await ensureData(cluster, isDurable);
  await startOnPort(cluster, options.port, isDurable);
  const lock = await lockServer(cluster);
  const port = (await readPostmaster(cluster.pgData))?.port;
  // Only when another process took over and stopped it between two of these lines.
  if (!lock || !port) throw new EmbeddedPostgresRunningError(cluster.folder, undefined);
  await ensureDatabase(await urlOf(cluster, port, 'postgres'), options.database);
  const keeper = keepRunning(cluster, lock, log);
  return { url: await urlOf(cluster, port, options.database), port, stop: onceOnly(() => stop(cluster, lock, keeper)) };
}

/**
 * Removes all data of {@link startEmbeddedPostgres} in a data folder, also where it lies elsewhere because the server's
 * user could not enter that folder. A server that a killed process left behind is stopped first.
 *
 * @throws EmbeddedPostgresRunningError when a live process uses the data.
 */
export async function removeEmbeddedPostgresData(dataDir: string): Promise<void> {
  const folders = await existingClusterFolders(resolve(dataDir));
  for (const { path, folder } of folders) {
    const user = await serverUserFor(folder);
    const cluster = describeCluster(folder, await binariesFor(user), user);
    await stopLeftover(cluster);
    await rm(folder, { recursive: true, force: true });
    await rm(path, { recursive: true, force: true });
  }
}

async function startOnPort(cluster: Cluster, asked: number | undefined, isDurable: boolean): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(asked, attempt === 1 ? await previousPort(cluster) : undefined);
    try {
      await writeSettings(cluster, port, isDurable);
      return await startServer(cluster);
    } catch (error) {
      // A process that started at the same time was quicker: the lock tells which one goes on.
      if (await liveServer(cluster)) return;
      const isPortTaken = (error as Error).message.includes('could not create any TCP/IP sockets');
      if (!isPortTaken || asked !== undefined || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (!rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

async function stop(cluster: Cluster, lock: FolderLock, keeper: Keeper): Promise<void> {
  await keeper.stop();
  // A lock that was lost and not regained means that the server is gone, or is another process's by now.
  if (lock.isHeld()) await stopServer(cluster);
  await lock.release();
}

function onceOnly(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= action());
}
