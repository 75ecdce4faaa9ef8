import { appendFile, chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster.js';
import { LOOPBACK } from './ports.js';

const FILE = 'celeriac.conf';
const INCLUDE = `include_if_exists '${FILE}'`;

/**
 * Writes the settings of the next start, in a file of their own that `postgresql.conf` includes.
 *
 * @param isDurable Whether a commit waits for the disk. Without it a killed process loses nothing, but a power cut may
 *   damage the data (for tests only).
 */
export async function writeSettings(cluster: Cluster, port: number, isDurable: boolean): Promise<void> {
  const { pgData, user } = cluster;
  const file = join(pgData, FILE);
  const settings: Record<string, string | number> = {
    listen_addresses: LOOPBACK,
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '64MB',
    // Parallel queries need shared memory that small containers do not have.
    max_parallel_workers_per_gather: 0,
    fsync: isDurable ? 'on' : 'off',
    full_page_writes: isDurable ? 'on' : 'off',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  await writeFile(file, `# Written at every start; changes are lost.\n${lines.join('')}`, { mode: 0o600 });
  if (user) await chown(file, user.uid, user.gid);
  const main = join(pgData, 'postgresql.conf');
  if (!(await readFile(main, 'utf8')).includes(INCLUDE)) await appendFile(main, `\n${INCLUDE}\n`);
}

/** The port of the last start, or undefined when there was none. */
export async function previousPort({ pgData }: Cluster): Promise<number | undefined> {
  const text = await readFile(join(pgData, FILE), 'utf8').catch(() => '');
  return Number(/^port = '(\d+)'$/m.exec(text)?.[1]) || undefined;
}
