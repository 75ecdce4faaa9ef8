import { Client } from 'pg';
import { EmbeddedPostgresRunningError } from './errors.js';

/** Any constant number will do: only this module takes advisory locks in the database `postgres`. */
const LOCK_KEY = 7_235_419;

const HOLDER_PREFIX = 'celeriac-holder-';

/** How long to wait before a lost lock is asked for again. */
const RETRY_MS = 250;

/** The right to use one data folder, until it is released or its process dies. */
export interface FolderLock {
  /** False when it was lost (the server was killed) and is not, or not yet, taken again. */
  isHeld(): boolean;
  release(): Promise<void>;
}

/**
 * Takes the lock of a data folder. It is a session lock inside the server itself, held by one connection: however the
 * holder dies, the system closes that connection and the server gives the lock up, so no stale lock can be left.
 *
 * When the connection breaks (the server restarts itself after a crash of one of its processes), the lock is taken
 * again as soon as the server is back.
 *
 * @param url The database `postgres` of the running server.
 * @param folder The data folder, for the error message.
 * @throws EmbeddedPostgresRunningError when another live process holds it.
 */
export async function lockFolder(url: string, folder: string): Promise<FolderLock> {
  let released = false;
  let holder: Client | undefined;
  const onLost = () => {
    holder = undefined;
    if (!released) setTimeout(retry, RETRY_MS).unref();
  };
  const retry = async () => {
    if (released) return;
    holder = await connectHolder(url, folder, onLost).catch(() => undefined);
    if (released) await holder?.end();
    else if (!holder) setTimeout(retry, RETRY_MS).unref();
  };
  holder = await connectHolder(url, folder, onLost);
  return {
    isHeld: () => holder !== undefined,
    release: async () => {
      released = true;
      await holder?.end().catch(() => undefined);
      holder = undefined;
    },
  };
}

async function connectHolder(url: string, folder: string, onLost: () => void): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: HOLDER_PREFIX + process.pid, keepAlive: true });
  let isHeld = false;
  client.on('error', () => undefined);
  client.on('end', () => isHeld && onLost());
  await client.connect();
  try {
    const answer = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LOCK_KEY]);
    if (!answer.rows[0]?.got) throw new EmbeddedPostgresRunningError(folder, await holderPid(client));
    isHeld = true;
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

async function holderPid(client: Client): Promise<number | undefined> {
  const answer = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND objid = $1 AND granted`,
    [LOCK_KEY],
  );
  const pid = Number(answer.rows[0]?.name.slice(HOLDER_PREFIX.length));
  return pid > 0 ? pid : undefined;
}
