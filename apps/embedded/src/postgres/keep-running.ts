import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import type { FolderLock } from './folder-lock.js';
import { liveServer, startServer } from './server-control.js';

const CHECK_MS = 1000;
const POLL_MS = 50;

/** Watches over a server until it is to be stopped. */
export interface Keeper {
  /** Resolves when it watches no more: a server that it is just starting is up, and locked, then. */
  stop(): Promise<void>;
}

/**
 * Starts the server again when it has ended. From a crash of one of its processes it recovers by itself; but not when
 * that fails as well, as on a disk that is full, or when somebody killed all of it.
 *
 * @param lock - held while the server runs, which is the cheap way to know
 */
export function keepRunning(cluster: Cluster, lock: FolderLock, log: (line: string) => void): Keeper {
  let isGone = false;
  let checking: Promise<void> | undefined;

  const check = async (): Promise<void> => {
    if (lock.isHeld() || (await liveServer(cluster))) return;
    if (!isGone) log('Postgres has ended by itself: it is started again as soon as that is possible.');
    isGone = true;
    await startServer(cluster);
    while (!lock.isHeld() && (await liveServer(cluster))) await sleep(POLL_MS);
    isGone = false;
    log('Postgres runs again.');
  };

  const timer = setInterval(() => {
    // What keeps it from starting is in its log; the next check tries again.
    checking ??= check()
      .catch(() => undefined)
      .finally(() => (checking = undefined));
  }, CHECK_MS).unref();

  return {
    stop: async () => {
      clearInterval(timer);
      await checking;
    },
  };
}
