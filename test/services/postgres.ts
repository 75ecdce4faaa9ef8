import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { removeEmbeddedPostgresData, startEmbeddedPostgres } from '#embedded-postgres';

/** Set for the test files by the global set-up. */
const URL_VARIABLE = 'CELERIAC_TEST_POSTGRES';

/** A database of its own. */
export interface TestDatabase {
  url: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** Makes Postgres available: DATABASE_URL if it is set, else a server of our own. @returns how to end it */
export async function providePostgres(): Promise<() => Promise<void>> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') {
    process.env[URL_VARIABLE] = given;
    return () => Promise.resolve();
  }
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-postgres-'));
  // As root the server runs as another user, who must get in.
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({ dataDir: folder, database: 'postgres', isDurable: false });
  process.env[URL_VARIABLE] = server.url;
  return async () => {
    await server.stop();
    await removeEmbeddedPostgresData(folder);
    await rm(folder, { recursive: true, force: true });
  };
}

/**
 * Makes a fresh database.
 *
 * @param server - address of any database of the server; by default the one that all tests share
 */
export async function createTestDatabase(server = process.env[URL_VARIABLE]): Promise<TestDatabase> {
  if (server === undefined) throw new Error('Postgres is not there: tests that need it belong under test/.');
  const name = `celeriac_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
