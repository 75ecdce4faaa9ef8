import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { celeriac, DemoPlace } from '../fixtures/cli/celeriac.js';
import { freePorts } from '../services/index.js';

describe('an app that cannot be used', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'celeriac-cli-'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['export const app = 7;', /has no Nest module as its default export, but nothing: export a module class/],
    ['export default 7;', /but a value of type number/],
    ['export default () => ({});', /but a value of type object/],
    ['export default class App {}', /does not import TasksModule: add TasksModule\.forRoot/],
    [
      'export default { module: class App {}, imports: [class TasksModule {}] }',
      /imports TasksModule from another copy of @celeriac\/tasks .* npm dedupe\.\n$/,
    ],
    ['import "./no-such-file.js";', /cannot be loaded: .*no-such-file/],
    ['export default () => { throw new Error("No settings.") };', /cannot be loaded: Error: No settings\.\n +at .*app/],
    [
      'export default () => { throw Object.assign(new Error("PORT is \\"x\\""), { name: "ConfigurationError" }) };',
      /cannot be loaded: ConfigurationError: PORT is "x"\n$/,
    ],
    ['export default {', /cannot be loaded: SyntaxError/],
  ])('says what is wrong with it: %s', async (source, words) => {
    const path = join(folder, 'app.mjs');
    await writeFile(path, source);
    const { exitCode, stdout, stderr } = await celeriac(['list', '--app', path]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 78, stdout: '' });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toMatch(words);
  });

  it('says which file there is none of, and how to name one', async () => {
    const missing = await celeriac(['worker', '--app', 'dist/none.js']);
    expect(missing.exitCode).toBe(78);
    expect(missing.stderr).toMatch(
      /^error: There is no file \S+dist\/none\.js, which --app names\. Is the app built\?\n$/,
    );
  });

  it('says in one line that Postgres is away', async () => {
    const [port] = await freePorts(1);
    const environment = { DATABASE_URL: `postgres://localhost:${port}/x`, BROKER_URL: `amqp://localhost:${port}` };
    const { exitCode, stdout, stderr } = await celeriac(['list'], environment);
    expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' });
    expect(stderr).toMatch(/^error: Postgres cannot be used: .*ECONNREFUSED.*\n$/);
  });
});

describe('the command line', () => {
  it('takes any app', async () => {
    const place = await DemoPlace.create();
    const posters = { ...place.environment, CELERIAC_APP: 'examples/posters/dist/app.js' };
    const { exitCode, stdout } = await celeriac(['report', '--json'], posters);
    await place.drop();
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      queues: expect.arrayContaining(['posters']),
      tasks: { 'posters.draw': {} },
    });
  });

  it('knows the app of this repository without being told', async () => {
    const place = await DemoPlace.create();
    try {
      const report = await celeriac(['report', '--json'], { ...place.environment, CELERIAC_APP: '' });
      expect(report).toMatchObject({ exitCode: 0, stderr: '' });
      expect(JSON.parse(report.stdout)).toMatchObject({
        node: process.versions.node,
        packages: { '@celeriac/tasks': '0.1.0', pg: expect.any(String), amqplib: expect.any(String) },
        broker: expect.stringMatching(/^RabbitMQ \d/),
        store: expect.stringMatching(/^PostgreSQL \d/),
        queues: expect.arrayContaining(['mail']),
        tasks: { 'mail.send_email': { queue: 'mail' } },
      });
      expect(report.stdout).not.toContain(new URL(place.database.url).password);
    } finally {
      await place.drop();
    }
  });

  it('keeps what the app itself prints out of the answer', async () => {
    const place = await DemoPlace.create();
    const { stdout, stderr } = await celeriac(['list', '--json'], { ...place.environment, DEMO_IS_CHATTY: '1' });
    await place.drop();
    expect(JSON.parse(stdout)).toEqual({ tasks: [], older: null });
    expect(stderr).toBe('The demo app is loaded.\n');
  });

  it.each([
    [['lst'], /unknown command 'lst'\n\(Did you mean list\?\)/],
    [['list', '--stat', 'x'], /Did you mean --state\?/],
  ])('says what was meant: %j', async (args, words) => {
    const { exitCode, stdout, stderr } = await celeriac(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(words);
  });

  it('explains itself, and its exit codes, without an app', async () => {
    const help = await celeriac(['--help'], { CELERIAC_APP: 'no-such-app.js' });
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toMatch(/Exit codes:\n +0 /);
    expect(await celeriac(['purge', '--help'])).toMatchObject({ exitCode: 0, stderr: '' });
    const part = await celeriac(['dlq', 'list', '--help']);
    expect(part.stdout).toMatch(/Lists the dead letters of a queue.*-n, --limit .*Global Options:.*--app /s);
    expect((await celeriac([])).exitCode).toBe(2);
    expect((await celeriac(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
