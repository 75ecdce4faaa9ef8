import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { celeriac, type CommandResult } from '../fixtures/cli/celeriac.js';
import { createTestDatabase, createTestVhost, type TestDatabase, type TestVhost } from '../services/index.js';

let database: TestDatabase;
let vhost: TestVhost;

beforeAll(async () => {
  [database, vhost] = await Promise.all([createTestDatabase(), createTestVhost()]);
});

afterAll(() => Promise.all([database.drop(), vhost.drop()]));

function run(...args: string[]): Promise<CommandResult> {
  return celeriac(args, { DATABASE_URL: database.url, BROKER_URL: vhost.brokerUrl });
}

describe('a database that is not migrated', () => {
  it('is said in one line, with what to do', async () => {
    const { exitCode, stdout, stderr } = await run('result', 'some-id');
    expect({ exitCode, stdout }).toEqual({ exitCode: 78, stdout: '' });
    expect(stderr).toMatch(/^error: The database lacks .*: celeriac migrate\.\n$/);
  });

  it('is no database for a worker', async () => {
    const { exitCode, stderr } = await run('worker');
    expect({ exitCode, stderr }).toEqual({
      exitCode: 78,
      stderr: 'error: The database lacks tables or columns that this version needs: celeriac migrate.\n',
    });
  });

  it('is brought up to date by migrate, once', async () => {
    const first = await run('migrate', '--json');
    expect(JSON.parse(first.stdout)).toEqual({ migrations: expect.arrayContaining(['Tasks1763683200000']) });
    expect(await run('migrate')).toEqual({ exitCode: 0, stdout: 'The database is up to date.\n', stderr: '' });
  });

  it('then holds no task', async () => {
    expect(await run('result', 'some-id')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: There is no task some-id.\n',
    });
  });
});
