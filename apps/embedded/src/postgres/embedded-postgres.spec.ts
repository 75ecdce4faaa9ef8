import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { binariesFor } from './binaries.js';
import { describeCluster } from './cluster.js';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  EmbeddedPostgresPortError,
  EmbeddedPostgresRunningError,
  removeEmbeddedPostgresData,
  startEmbeddedPostgres,
} from './index.js';
import { startServer } from './server-control.js';
import { serverUserFor } from './server-user.js';

const START_LIMIT_MS = 3000;
let dataDir: string;
let server: EmbeddedPostgres | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'celeriac-postgres-'));
  await chmod(dataDir, 0o755);
});

afterEach(async () => {
  await server?.stop();
  await removeEmbeddedPostgresData(dataDir);
  await rm(dataDir, { recursive: true, force: true });
}, 30_000);

test('keeps the data and the port over a restart, which takes less than three seconds', async () => {
  const first = await start();
  await query(first.url, 'CREATE TABLE mails AS SELECT 42 AS id');
  await first.stop();

  const startedAtMs = Date.now();
  const second = await start();

  expect(Date.now() - startedAtMs).toBeLessThan(START_LIMIT_MS);
  expect(second.port).toBe(first.port);
  expect(await query(second.url, 'SELECT id FROM mails')).toEqual([{ id: 42 }]);
}, 30_000);

test('waits for the disk, holds UTF-8, and listens on the loopback address alone', async () => {
  const { url } = await start({ isDurable: true });
  const setting = async (name: string) =>
    (await query(url, `SELECT current_setting('${name}') AS value`))[0]?.['value'];
  expect(await setting('fsync')).toBe('on');
  expect(await setting('synchronous_commit')).toBe('on');
  expect(await setting('server_encoding')).toBe('UTF8');
  expect(await setting('listen_addresses')).toBe('127.0.0.1');
  expect(await setting('max_connections')).toBe('100');
}, 30_000);

test('asks for its password, which only the owner of the data can read', async () => {
  const { url } = await start();
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  const { mode } = await stat(join(dataDir, 'postgres-18', 'password'));
  expect((mode & 0o777).toString(8)).toBe('600');
}, 30_000);

test('starts again after the server was killed', async () => {
  const first = await start();
  await query(first.url, 'CREATE TABLE mails AS SELECT 42 AS id');
  process.kill(await postmasterPid(), 'SIGKILL');
  await first.stop();

  const second = await start();

  expect(await query(second.url, 'SELECT id FROM mails')).toEqual([{ id: 42 }]);
}, 30_000);

test('is started again, at the same address, when the server was killed', async () => {
  const lines: string[] = [];
  const { url } = await start({ log: (line) => lines.push(line) });
  await query(url, 'CREATE TABLE mails AS SELECT 42 AS id');
  const killed = await postmasterPid();
  process.kill(killed, 'SIGKILL');
  while (!lines.includes('Postgres runs again.')) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await query(url, 'SELECT id FROM mails')).toEqual([{ id: 42 }]);
  expect(await postmasterPid()).not.toBe(killed);
}, 30_000);

test('starts when the pid of a dead server belongs to another program by now', async () => {
  const first = await start();
  const lines = (await readFile(join(dataDir, 'postgres-18', 'data', 'postmaster.pid'), 'utf8')).split('\n');
  await first.stop();
  const stale = [`${process.pid}`, ...lines.slice(1)].join('\n');
  await writeFile(join(dataDir, 'postgres-18', 'data', 'postmaster.pid'), stale);

  const second = await start();

  expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
}, 30_000);

describe('a second start on the same data folder', () => {
  test('is refused with the pid of the first', async () => {
    const { url } = await start();
    const error = await startEmbeddedPostgres({ dataDir, database: 'celeriac' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EmbeddedPostgresRunningError);
    expect((error as EmbeddedPostgresRunningError).pid).toBe(process.pid);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  }, 30_000);

  test.each([
    ['that all can enter', 0o755],
    ['of one user', 0o700],
  ])(
    '%s, may come at the same moment: one of the two goes on',
    async (_whose, mode) => {
      await chmod(dataDir, mode);
      const starts = [1, 2].map(() => startEmbeddedPostgres({ dataDir, database: 'celeriac' }));
      const results = await Promise.allSettled(starts);
      const won = results.find((result) => result.status === 'fulfilled');
      const lost = results.find((result) => result.status === 'rejected');
      server = won?.value;
      expect(lost?.reason).toBeInstanceOf(EmbeddedPostgresRunningError);
      expect(await query(server?.url ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    },
    30_000,
  );

  test('works when the server was left behind by a process that was killed', async () => {
    const { url, port, pid } = await leaveServerBehind();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const next = await start();
    expect(next.port).toBe(port);
    expect(await postmasterPid()).not.toBe(pid);
  }, 30_000);
});

test('removes its data, also when they are in use by nobody but a server left behind', async () => {
  await leaveServerBehind();
  await removeEmbeddedPostgresData(dataDir);
  expect(await readdir(dataDir)).toEqual([]);
}, 30_000);

test('does not remove data that are in use', async () => {
  await start();
  await expect(removeEmbeddedPostgresData(dataDir)).rejects.toBeInstanceOf(EmbeddedPostgresRunningError);
}, 30_000);

test('says when the asked port is in use', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const starting = startEmbeddedPostgres({ dataDir, database: 'celeriac', port });
  await expect(starting).rejects.toBeInstanceOf(EmbeddedPostgresPortError);
  other.close();
}, 30_000);

/** Not durable unless asked: what these tests kill is a process, not the machine, and that is much quicker. */
async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  server = await startEmbeddedPostgres({ dataDir, database: 'celeriac', isDurable: false, ...options });
  return server;
}

/** A running server whose data nobody holds, as after the death of the process that started it. */
async function leaveServerBehind(): Promise<{ url: string; port: number; pid: number }> {
  const { url, port, stop } = await start();
  await stop();
  const folder = join(dataDir, 'postgres-18');
  const user = await serverUserFor(folder);
  await startServer(describeCluster(folder, await binariesFor(user), user));
  return { url, port, pid: await postmasterPid() };
}

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres-18', 'data', 'postmaster.pid'), 'utf8'), 10);
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
