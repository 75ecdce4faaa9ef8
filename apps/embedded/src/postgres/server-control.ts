import { chown, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, urlOf } from './cluster.js';
import { EmbeddedPostgresCommandError } from './errors.js';
import { type FolderLock, lockFolder } from './folder-lock.js';
import { type Postmaster, isLivePostgres, postmasterFile, readPostmaster } from './postmaster-file.js';
import { runProgram } from './run-program.js';

/** Recovery after a power cut may take long. */
const START_TIMEOUT_S = 120;
const STOP_TIMEOUT_S = 60;
/** Processes of a killed server end by themselves, but not at once. */
const ORPHANS_TIMEOUT_MS = 15_000;
const POLL_MS = 100;
const MAX_LOG_BYTES = 10_000_000;
const LOG_TAIL_LINES = 15;

/**
 * Starts the server and waits until it accepts connections.
 *
 * @throws EmbeddedPostgresCommandError with the end of the server log when it does not start.
 */
export async function startServer(cluster: Cluster): Promise<void> {
  await prepareLog(cluster);
  const deadline = Date.now() + ORPHANS_TIMEOUT_MS;
  for (;;) {
    const logStart = (await stat(cluster.logFile)).size;
    try {
      await pgCtl(cluster, 'start', ['-w', '-t', `${START_TIMEOUT_S}`, '-s', '-l', cluster.logFile]);
      return;
    } catch (error) {
      const log = (await readFile(cluster.logFile)).subarray(logStart).toString();
      const isHeldByOrphans = log.includes('pre-existing shared memory block');
      if (isHeldByOrphans && Date.now() < deadline) await sleep(POLL_MS);
      else throw withLog(error, log);
    }
  }
}

/** Stops the server (connections are cut, what was committed stays) and waits for its end. */
export async function stopServer(cluster: Cluster): Promise<void> {
  try {
    await pgCtl(cluster, 'stop', ['-w', '-t', `${STOP_TIMEOUT_S}`, '-s', '-m', 'fast']);
  } catch (error) {
    // Whoever else ended it, it is stopped.
    if (await liveServer(cluster)) throw error;
  }
}

/**
 * The live server of this folder, if any. A `postmaster.pid` that a dead one left behind is removed, or Postgres would
 * not start when another program has got that pid.
 */
export async function liveServer({ pgData }: Cluster): Promise<Postmaster | undefined> {
  const postmaster = await readPostmaster(pgData);
  if (!postmaster) return undefined;
  if (isLivePostgres(postmaster.pid)) return postmaster;
  await rm(postmasterFile(pgData), { force: true });
  return undefined;
}

/**
 * Takes the lock of a live server, waiting while it is just starting or stopping.
 *
 * @returns undefined when the server ended meanwhile.
 * @throws EmbeddedPostgresRunningError when another live process holds it.
 */
export async function lockServer(cluster: Cluster): Promise<FolderLock | undefined> {
  const deadline = Date.now() + START_TIMEOUT_S * 1000;
  for (;;) {
    const live = await liveServer(cluster);
    if (!live) return undefined;
    try {
      return await lockFolder(await urlOf(cluster, live.port, 'postgres'), cluster.folder);
    } catch (error) {
      if (!isTransient(error) || Date.now() > deadline) throw error;
    }
    await sleep(POLL_MS);
  }
}

/**
 * Ends a server that an earlier process left behind.
 *
 * @throws EmbeddedPostgresRunningError when that process is alive and uses it.
 */
export async function stopLeftover(cluster: Cluster): Promise<void> {
  const lock = await lockServer(cluster);
  if (!lock) return;
  await stopServer(cluster);
  await lock.release();
}

/** Refused connections, and the states "starting up" and "shutting down" (57P03), pass. */
function isTransient(error: unknown): boolean {
  const { code = '', message } = error as Error & { code?: string };
  return ['ECONNREFUSED', 'ECONNRESET', '57P03', '57P01'].includes(code) || /terminated unexpectedly/.test(message);
}

function pgCtl({ binaries, pgData, folder, user }: Cluster, action: string, args: readonly string[]): Promise<string> {
  return runProgram(binaries.pgCtl, [action, '-D', pgData, ...args], { cwd: folder, user, title: `pg_ctl ${action}` });
}

async function prepareLog({ logFile, user }: Cluster): Promise<void> {
  const size = await stat(logFile).then(
    (file) => file.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await rename(logFile, `${logFile}.1`);
  await (await open(logFile, 'a', 0o600)).close();
  if (user) await chown(logFile, user.uid, user.gid);
}

function withLog(error: unknown, log: string): unknown {
  if (!(error instanceof EmbeddedPostgresCommandError)) return error;
  const tail = log.trim().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  return new EmbeddedPostgresCommandError(error.command, error.exitCode, `${error.output}\n${tail}`);
}
