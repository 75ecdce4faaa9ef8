import { randomUUID } from 'node:crypto';
import { chown, lstat, mkdir, readdir, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresFolderError } from './errors.js';
import { SHARED_FOLDER, makeSharedFolder } from './shared-folder.js';
import { canEnter, type ServerUser } from './server-user.js';

/** Name of the folder for one major version, inside the data folder. */
export const clusterName = (major: number) => `postgres-${major}`;

/**
 * Finds or makes the folder that holds one server's data, password, settings and log: `<dataDir>/postgres-<major>`.
 * Where the server's user cannot enter the data folder, that name is a link to a folder in {@link SHARED_FOLDER}, so
 * the data is still found (and moved, and removed) through the data folder.
 *
 * @throws EmbeddedPostgresFolderError when the folder exists and cannot be used by the server's user.
 */
export async function clusterFolder(
  dataDir: string,
  major: number,
  user: ServerUser | undefined,
  log: (line: string) => void,
): Promise<string> {
  const path = join(dataDir, clusterName(major));
  await makeDataFolder(dataDir, user);
  const existing = await realpath(path).catch(() => undefined);
  if (existing) return checkUsable(existing, user);
  if (!user || canEnter(dataDir, user)) return makePrivate(path, user);
  await makeSharedFolder();
  const project = basename(dirname(dataDir)) || 'project';
  const folder = await makePrivate(join(SHARED_FOLDER, `${project}-${randomUUID()}`), user);
  try {
    await symlink(folder, path);
  } catch (error) {
    await rm(folder, { recursive: true });
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // A link whose folder is gone is of no use any more. Else another process that starts just now was quicker.
    if (!(await realpath(path).catch(() => undefined))) await rm(path, { force: true });
    return clusterFolder(dataDir, major, user, log);
  }
  log(`Postgres keeps its data in ${folder}, since its user "${user.name}" cannot enter ${dataDir}.`);
  return folder;
}

/** Absolute paths of the server folders (of every major version) in a data folder: the names, and what they link to. */
export async function existingClusterFolders(dataDir: string): Promise<{ path: string; folder: string }[]> {
  const names = await readdir(dataDir).catch(() => []);
  const paths = names.filter((name) => /^postgres-\d+$/.test(name)).map((name) => join(dataDir, name));
  return Promise.all(paths.map(async (path) => ({ path, folder: await realpath(path).catch(() => path) })));
}

async function makeDataFolder(dataDir: string, user: ServerUser | undefined): Promise<void> {
  try {
    const created = await mkdir(dataDir, { recursive: true });
    // With sudo in a user's own checkout, the new folder must be that user's, not root's.
    const isOfUser = created && user && (await stat(dirname(created))).uid === user.uid;
    if (isOfUser) await chown(dataDir, user.uid, user.gid);
  } catch (error) {
    throw new EmbeddedPostgresFolderError(
      `Cannot make the data folder ${dataDir} (${(error as Error).message}); choose one that you can write to.`,
    );
  }
}

/** Made beside its place and then renamed: another process that starts just now never finds it without its owner. */
async function makePrivate(folder: string, user: ServerUser | undefined): Promise<string> {
  const unfinished = `${folder}.new-${randomUUID()}`;
  await mkdir(unfinished, { mode: 0o700 });
  if (user) await chown(unfinished, user.uid, user.gid);
  await rename(unfinished, folder).catch(async (error: Error) => {
    await rm(unfinished, { recursive: true });
    if (!(await stat(folder).catch(() => undefined))) throw error;
  });
  return folder;
}

async function checkUsable(folder: string, user: ServerUser | undefined): Promise<string> {
  const { uid } = await lstat(folder);
  const wantedUid = user?.uid ?? process.getuid?.() ?? uid;
  if (uid === wantedUid && (!user || canEnter(folder, user))) return folder;
  throw new EmbeddedPostgresFolderError(
    `The Postgres data in ${folder} belongs to the user with id ${uid}, and the server would run as the user with id ` +
      `${wantedUid}, who cannot use it; start as the same user as before, or remove the data (--fresh).`,
  );
}
