import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TaskPage } from '@celeriac/tasks';
import { connect } from 'amqplib';
import { celeriac, DemoPlace } from '../fixtures/cli/celeriac.js';
import { freePorts } from '../services/index.js';

let place: DemoPlace;

beforeAll(async () => {
  place = await DemoPlace.create();
});

beforeEach(() => place.database.dataSource.query('TRUNCATE task, outbox, revoked_task'));

afterAll(() => place.drop());

async function listed(...args: string[]): Promise<string[]> {
  const { tasks } = await place.json<TaskPage>('list', ...args);
  return tasks.map(({ id }) => id);
}

describe('celeriac list', () => {
  it('lists tasks, the newest first, by state, name, queue and time', async () => {
    const late = await place.call('demo.late', '--countdown', '3600');
    const sum = await place.call('demo.add', '-a', '[1,2]');
    const { exitCode, stdout } = await place.run('list');
    expect(exitCode).toBe(0);
    const [headings, first, second, ...more] = stdout.trimEnd().split('\n');
    expect(headings).toMatch(/^TASK +SENT +STATE +QUEUE +NAME$/);
    expect(first).toMatch(new RegExp(`^${sum} +\\S+ \\S+ +PENDING +work +demo.add$`));
    expect(second).toMatch(new RegExp(`^${late} +\\S+ \\S+ +PENDING +other +demo.late +scheduled until 20`));
    expect(more).toEqual([]);
    expect(await listed('--state', 'success,failure')).toEqual([]);
    expect(await listed('--state', 'pending')).toEqual([sum, late]);
    expect(await listed('--name', 'demo.late')).toEqual([late]);
    expect(await listed('--queue', 'work')).toEqual([sum]);
    expect(await listed('--since', '1h')).toEqual([sum, late]);
    expect(await listed('--until', '1h')).toEqual([]);
  });

  it('says of a time that is past that it is', async () => {
    const id = await place.call('demo.late', '--countdown', '3600');
    await place.database.dataSource.query(`UPDATE task SET due_at = '2020-01-02' WHERE id = $1`, [id]);
    expect((await place.run('list')).stdout).toMatch(/demo\.late +due since 2020-01-0\d \d\d:\d\d:\d\d\n$/);
  });

  it('goes on where it says', async () => {
    const ids = [await place.call('demo.late'), await place.call('demo.late'), await place.call('demo.late')];
    const { stdout, stderr } = await place.run('list', '--limit', '2');
    expect(stdout).toContain(ids[2]);
    expect(stdout).not.toContain(ids[0]);
    const before = /--before (\S+)/.exec(stderr)?.[1] ?? '';
    expect(await listed('--before', before)).toEqual([ids[0]]);
    expect(await place.run('list', '--before', 'yesterday')).toMatchObject({ exitCode: 2 });
  });

  it('says which name, queue or state was meant', async () => {
    const name = await place.run('list', '--name', 'demo.laet');
    expect(name).toEqual({
      exitCode: 0,
      stdout: 'No tasks.\n',
      stderr: 'The app knows no task demo.laet. Did you mean demo.late?\n',
    });
    expect((await place.run('list', '--queue', 'wrk')).stderr).toBe('The app has no queue wrk. Did you mean work?\n');
    const state = await place.run('list', '--state', 'FAILED');
    expect(state.exitCode).toBe(2);
    expect(state.stderr).toContain('There is no FAILED. Did you mean FAILURE?');
  });

  it('is plain in a pipe, and in colours for who asks for them', async () => {
    await place.call('demo.late');
    expect((await place.run('list')).stdout).not.toContain('\x1B[');
    const coloured = await celeriac(['list'], { ...place.environment, FORCE_COLOR: '1' });
    expect(coloured.stdout).toContain('\x1B[1mTASK');
  });

  it('does not mind a reader that has read enough', async () => {
    const calls = Array.from({ length: 2000 }, (_, n) => `task-${n}`);
    await place.database.dataSource.query(
      `INSERT INTO task (id, name, state, queue, exchange, routing_key, envelope, body)
       SELECT id, repeat('x', 100), 'SUCCESS', 'work', '', '', '{}', '' FROM unnest($1::text[]) AS id`,
      [calls],
    );
    const script = 'set -o pipefail; "$0" apps/cli/bin/celeriac.js list --limit 2000 | head -n 1';
    const environment = { PATH: process.env['PATH'], CELERIAC_APP: 'test/dist/fixtures/cli/demo-app.js' };
    const shell = spawn('bash', ['--norc', '-c', script, process.execPath], {
      env: { ...environment, ...place.environment },
    });
    let errors = '';
    shell.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    shell.stdout.resume();
    const [exitCode] = (await once(shell, 'close')) as [number];
    expect({ exitCode, errors: errors.replace(/^There may be older ones.*\n/m, '') }).toEqual({
      exitCode: 0,
      errors: '',
    });
  });
});

describe('celeriac revoke', () => {
  it('says what became of each task', async () => {
    const id = await place.call('demo.late');
    const { exitCode, stdout } = await place.run('revoke', id, 'not-yet');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`${id} +revoked: it waited`));
    expect(stdout).toMatch(/not-yet +is not known yet: it will not be run when it comes/);
    expect(await listed('--state', 'revoked')).toEqual([id]);
    expect(await place.run('revoke', id, '--json')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('"outcome": "ended"'),
    });
  });
});

describe('celeriac purge', () => {
  async function messagesIn(queue: string): Promise<number> {
    const connection = await connect(place.vhost.brokerUrl);
    const channel = await connection.createChannel();
    const { messageCount } = await channel.checkQueue(queue);
    await connection.close();
    return messageCount;
  }

  async function publishForeign(queue: string): Promise<void> {
    const connection = await connect(place.vhost.brokerUrl);
    const channel = await connection.createConfirmChannel();
    channel.publish('', queue, Buffer.from('[[],{},{}]'), { headers: { id: 'python', task: 'demo.late' } });
    await channel.waitForConfirms();
    await connection.close();
  }

  it('is refused where nobody can be asked', async () => {
    const id = await place.call('demo.late');
    expect(await place.run('purge')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: Without a terminal to ask at, purge needs --force.\n',
    });
    expect(await listed('--state', 'pending')).toEqual([id]);
  });

  it('ends what waits in a queue, at once or later, and drops its messages, also those of others', async () => {
    await place.run('purge', '--force');
    const kept = await place.call('demo.add', '-a', '[1,2]');
    const ended = [await place.call('demo.late', '--countdown', '3600'), await place.call('demo.late')];
    await publishForeign('other');
    const { exitCode, stdout } = await place.run('purge', '-Q', 'other', '-f');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'other: 2 tasks ended, 2 messages dropped\n' });
    expect((await listed('--state', 'revoked', '--queue', 'other')).slice(0, 2)).toEqual(ended.toReversed());
    expect(await listed('--state', 'pending')).toEqual([kept]);
    expect([await messagesIn('other'), await messagesIn('work')]).toEqual([0, 1]);
    const [{ count }] = (await place.database.dataSource.query('SELECT count(*)::int FROM outbox')) as [
      { count: number },
    ];
    expect(count).toBe(0);
  });

  it('purges all queues of the app, thousands of tasks too', async () => {
    await place.run('purge', '--force');
    await place.database.dataSource.query('TRUNCATE task, outbox');
    await place.database.dataSource.query(
      `INSERT INTO task (id, name, state, queue, exchange, routing_key, envelope, body)
       SELECT 'task-' || n, 'demo.late', 'PENDING', 'other', '', 'other', '{"properties":{},"headers":{}}', ''
       FROM generate_series(1, 2500) AS n`,
    );
    expect(await place.json('purge', '--force')).toEqual([
      { queue: 'work', tasks: 0, messages: 0 },
      { queue: 'other', tasks: 2500, messages: 0 },
    ]);
  });

  it('does nothing by halves: without RabbitMQ, nothing', async () => {
    const id = await place.call('demo.late');
    const [port] = await freePorts(1);
    const away = { ...place.environment, BROKER_URL: `amqp://localhost:${port}` };
    expect(await celeriac(['purge', '--force'], away)).toEqual({
      exitCode: 69,
      stdout: '',
      stderr: expect.stringMatching(/^error: Nothing listens at localhost:\d+: .* Nothing was done\.\n$/),
    });
    expect(await listed('--state', 'pending')).toEqual([id]);
  });

  it('knows the queues of the app alone', async () => {
    const { exitCode, stderr } = await place.run('purge', '-f', '-Q', 'othr');
    expect(exitCode).toBe(2);
    expect(stderr).toBe('error: The app has no queue othr. Did you mean other? Its queues: work, other.\n');
  });
});
