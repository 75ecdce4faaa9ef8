import { spawnSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmbeddedPostgresPlatformError } from './errors.js';

/** An unprivileged user of the machine that the server runs as, since Postgres refuses to run as root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Users of a usual machine that may run the server, the best first. */
const USUAL_USERS = ['postgres', 'nobody'];

/**
 * The user to run the server as: undefined (the current one) unless the current user is root. For root it is the owner
 * of the folder, or of the nearest folder above that exists (so `sudo npm start` in a user's checkout leaves files of
 * that user), and where root owns that too, `postgres` or else `nobody`.
 *
 * @param folder Absolute path of the data folder; it need not exist.
 * @throws EmbeddedPostgresPlatformError when the current user is root and there is no other user to run as.
 */
export async function serverUserFor(folder: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = await unprivilegedUsers();
  const owner = await ownerOf(folder);
  const user =
    users.find(({ uid }) => uid === owner) ??
    USUAL_USERS.map((name) => users.find((candidate) => candidate.name === name)).find((found) => found);
  if (user) return user;
  throw new EmbeddedPostgresPlatformError(
    `Postgres does not run as root, and this machine has none of the users ${USUAL_USERS.join(', ')} to run it as; ` +
      'start as a usual user, or set DATABASE_URL to a server of your own.',
  );
}

/**
 * Whether a user can enter a folder (every folder above it as well). Asked of the system itself, so that access lists
 * count too.
 */
export function canEnter(folder: string, user: ServerUser): boolean {
  const { uid, gid } = user;
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;
}

async function unprivilegedUsers(): Promise<ServerUser[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  return lines
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }))
    .filter(({ name, uid }) => name !== '' && uid > 0);
}

async function ownerOf(path: string): Promise<number> {
  try {
    return (await stat(path)).uid;
  } catch {
    return path === dirname(path) ? 0 : ownerOf(dirname(path));
  }
}
