import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../services/index.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

const WEB = 'apps/web/dist/main.js';
const NO_BROKER = 'amqp://127.0.0.1:9/';

interface Ended {
  code: number | null;
  /** Without what the log says of RabbitMQ, which is away. */
  lines: string[];
}

/** Runs Node until it has ended. */
async function run(args: string[], environment: Record<string, string> = {}): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', BROKER_URL: NO_BROKER, ...environment };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  const lines = `${out}${err}`.split('\n').filter((line) => line !== '' && !line.includes('[RabbitMQ]'));
  return { code: code as number | null, lines };
}

describe('a process that cannot start says why in a line', () => {
  let database: TaskDatabase;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  afterAll(() => database.drop());

  it('when its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, lines } = await run([WEB], { DATABASE_URL: database.url, WEB_PORT: String(port) });
    server.close();
    expect(code).toBe(1);
    expect(lines).toEqual([
      `CannotListenError: The web app cannot listen on port ${port} of 127.0.0.1: another program has it. ` +
        'End that one, or set WEB_PORT to another port.',
    ]);
  });

  it.each(['web', 'worker', 'beat'])('when the database refuses the %s process', async (name) => {
    const url = new URL(database.url);
    url.pathname = '/there_is_none';
    const { code, lines } = await run([`apps/${name}/dist/main.js`], { DATABASE_URL: url.href, WEB_PORT: '0' });
    expect(code).toBe(1);
    expect(lines).toEqual(['The database refuses us: database "there_is_none" does not exist. Check DATABASE_URL.']);
  });

  it('when the database refuses a command', async () => {
    const url = new URL(database.url);
    url.pathname = '/there_is_none';
    const command = ['apps/cli/bin/celeriac.js', '--app', 'apps/worker/dist/app.js', 'result', 'any'];
    const { code, lines } = await run(command, { DATABASE_URL: url.href });
    expect(code).toBe(69);
    expect(lines).toEqual(['error: Postgres cannot be used: database "there_is_none" does not exist']);
  });

  it('when the database is not migrated', async () => {
    const empty = await createTestDatabase();
    const { code, lines } = await run(['apps/beat/dist/main.js'], { DATABASE_URL: empty.url });
    await empty.drop();
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^SchemaOutdatedError: /)]);
  });

  it('when beat is given an option that it does not know', async () => {
    const { code, lines } = await run(['apps/beat/dist/main.js', '--rset']);
    expect(code).toBe(1);
    expect(lines).toEqual([
      "UsageError: Unknown option '--rset'. There is one option: --reset, to have the entries of the code be as the " +
        'code says, whoever has changed them.',
    ]);
  });

  it('when npm start is given an option that it does not know', async () => {
    const { code, lines } = await run(['apps/embedded/dist/main.js', '--frehs']);
    expect(code).toBe(1);
    expect(lines).toEqual([
      "UsageError: Unknown option '--frehs'. There is one option: --fresh, to begin with an empty database.",
    ]);
  });
});

it('npm start says where the form is, whatever port it has got', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-start-'));
  // As root, Postgres runs as another user, who must get in.
  await chmod(folder, 0o755);
  const script = `
    import { startEverything } from './apps/embedded/dist/start-everything.js';
    const everything = await startEverything(process.argv[1], { WEB_PORT: '0', EMAIL_BACKEND: 'memory' });
    const { status } = await fetch(everything.webUrl);
    console.log(everything.webUrl, status);
    await everything.close();
    process.exit();`;
  const { code, lines } = await run(['--input-type=module', '-e', script, folder]);
  await rm(folder, { recursive: true });
  expect(lines.join('\n')).toMatch(/^http:\/\/localhost:[1-9]\d* 200$/m);
  // Beat is there.
  expect(lines.join('\n')).toMatch(/Entry "mail\.\w+" is new/);
  expect(code).toBe(0);
});
