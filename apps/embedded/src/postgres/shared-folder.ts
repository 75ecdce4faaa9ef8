import { chmod, mkdir } from 'node:fs/promises';

/**
 * Where programs and data are kept when the project lies in a folder that only root can enter, as /root: the server
 * runs as another user, who could not reach them there.
 */
export const SHARED_FOLDER = process.platform === 'darwin' ? '/usr/local/var/celeriac' : '/var/lib/celeriac';

/** Makes the shared folder, so that every user can enter it whatever root's umask is. */
export async function makeSharedFolder(): Promise<void> {
  if (await mkdir(SHARED_FOLDER, { recursive: true })) await chmod(SHARED_FOLDER, 0o755);
}
