import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'amqplib';
import { celeriac, DemoPlace } from '../fixtures/cli/celeriac.js';
import { freePorts } from '../services/index.js';

let place: DemoPlace;

beforeAll(async () => {
  place = await DemoPlace.create();
});

afterAll(() => place.drop());

/** The next message in a queue. */
async function nextMessage(queue: string): Promise<{ headers: Record<string, unknown>; body: string }> {
  const connection = await connect(place.vhost.brokerUrl);
  const channel = await connection.createChannel();
  for (;;) {
    const message = await channel.get(queue, { noAck: true });
    if (message === false) continue;
    await connection.close();
    return { headers: message.properties.headers ?? {}, body: message.content.toString() };
  }
}

describe('celeriac call', () => {
  it('sends a task that the app knows to the queue of its contract, and prints its id', async () => {
    const { exitCode, stdout, stderr } = await place.run('call', 'demo.add', '-a', '[1]', '-k', '{"y": 2}');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^[-0-9a-f]{36}\n$/);
    const { headers, body } = await nextMessage('work');
    expect(headers).toMatchObject({ id: stdout.trim(), task: 'demo.add' });
    expect(JSON.parse(body)).toMatchObject([[], { x: 1, y: 2 }, {}]);
  });

  it('has the options of a call', async () => {
    const id = 'an-id-of-my-own';
    const options = ['--countdown', '3600', '--expires', '7200', '--priority', '7', '--queue', 'other'];
    expect(await place.json('call', 'demo.add', '-a', '[1,2]', '--task-id', id, ...options)).toEqual({
      id,
      duplicate: false,
    });
    expect(await place.json('list', '--queue', 'other')).toMatchObject({
      tasks: [{ id, state: 'PENDING', waitReason: 'scheduled', queue: 'other' }],
    });
    const again = await place.run('call', 'demo.add', '-a', '[1,2]', '--task-id', id);
    expect(again).toEqual({ exitCode: 0, stdout: `${id}\n`, stderr: 'It was there before: nothing was sent.\n' });
    const { exitCode, stdout } = await place.run('result', id, '--wait', '0.1');
    expect(exitCode).toBe(75);
    expect(stdout).toBe(`task   ${id}\nstate  PENDING\n`);
  });

  it('sends any other task to the queue that it is told, for workers of others', async () => {
    const id = await place.call('python.add', '--args', '[1, {"x": 2}]', '--queue', 'celery', '--eta', '2000-01-01');
    const [row] = await place.database.dataSource.query('SELECT * FROM task WHERE id = $1', [id]);
    expect(row).toMatchObject({ name: 'python.add', queue: 'celery', is_elsewhere: true });
    expect(JSON.parse((row as { body: Buffer }).body.toString())).toMatchObject([[1, { x: 2 }], {}, {}]);
  });

  it('sends a task of others where a route says', async () => {
    const id = await place.call('routed.add', '--args', '[1]');
    const [row] = await place.database.dataSource.query('SELECT queue, is_elsewhere FROM task WHERE id = $1', [id]);
    expect(row).toEqual({ queue: 'celery', is_elsewhere: true });
  });

  it('writes the task down when RabbitMQ is away, and says so', async () => {
    const [port] = await freePorts(1);
    const away = { ...place.environment, BROKER_URL: `amqp://localhost:${port}` };
    const { exitCode, stdout, stderr } = await celeriac(['call', 'demo.late'], away);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringMatching(
        /^Nothing listens at localhost:\d+: .* The task is written down, and goes out when that has been mended\.\n$/,
      ),
    });
    const rows = await place.database.dataSource.query('SELECT id FROM outbox WHERE task_id = $1', [stdout.trim()]);
    expect(rows).toHaveLength(1);
  });

  it('says why RabbitMQ does not take it', async () => {
    const address = new URL(place.vhost.brokerUrl);
    address.password = 'wrong';
    const { stderr } = await celeriac(['call', 'demo.late'], { ...place.environment, BROKER_URL: address.href });
    expect(stderr).toMatch(/^RabbitMQ at \S+ refuses the login as ".*": correct user and password in BROKER_URL/);
  });

  it('sends a broadcast, which no worker may be there for', async () => {
    const { exitCode, stdout, stderr } = await place.run('call', 'demo.everywhere', '--json');
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: 'No worker of its queue is alive: nobody may run it.\n',
    });
    expect(JSON.parse(stdout)).toEqual({ id: expect.any(String), workers: [] });
  });

  it.each([
    [['demo.everywhere', '--wait'], /demo\.everywhere is a broadcast, which each worker runs: leave out --wait\./],
    [['demo.everywhere', '--routing-key', 'x'], /leave out --routing-key\./],
    [['demo.everywher'], /Did you mean demo\.everywhere\?/],
    [['demo.ad'], /The app knows no task demo\.ad\. Did you mean demo\.add\? Its tasks: demo\.add, .*--queue/],
    [['demo.add', '-a', '[1]'], /The input of task demo\.add was refused: y: /],
    [
      ['demo.add', '-a', '[1, oops]'],
      /--args <json>' argument .* It is no JSON from character 5 on:\n {2}\[1, oops\]\n {6}\^/,
    ],
    [['demo.add', '-k', '[1]'], /Expected a JSON object/],
    [['demo.add', '-a', '[1,2]', '--countdown', '1', '--eta', '2030-01-01'], /countdown=1: expected no eta beside it/],
    [['demo.add', '-a', '[1,2]', '--priority', '256'], /Expected a whole number from 0 to 255/],
    [['demo.add', '--kwarg', '{}'], /Did you mean --kwargs\?/],
  ])('refuses what cannot be sent: %j', async (args, words) => {
    const { exitCode, stdout, stderr } = await place.run('call', ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(words);
  });
});

describe('celeriac result', () => {
  it('shows what a task returned, or why it failed, and ends with what that means', async () => {
    const worker = await place.startWorker('-Q', 'work');
    const sum = await place.run('call', 'demo.add', '-a', '[40, 2]', '--wait');
    expect(sum.exitCode).toBe(0);
    const [, sumId] = /^task +(\S+)$/m.exec(sum.stdout) ?? [];
    expect(sum.stderr).toBe(`Waiting for task ${sumId}.\n`);
    expect(sum.stdout).toMatch(
      /^task {4}\S+\nstate {3}SUCCESS\nresult {2}42\n\nRUN +WORKER +.*\n1 +demo-app@.*SUCCESS\n$/,
    );
    const id = await place.call('demo.fail');
    const failed = await place.run('result', id, '--wait', '60');
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toMatch(/state {2}FAILURE\nerror {2}RangeError: It was to fail\.\n\n/);
    const traced = await place.run('result', id, '--traceback');
    expect(traced.stdout).toMatch(/error {2}RangeError: It was to fail\.\n {7} +at .*demo-app/);
    const everywhere = await place.run('call', 'demo.everywhere');
    const [, node] =
      /^To (\S+); each has a run of its own: celeriac result \S+@<worker>\.\n$/.exec(everywhere.stderr) ?? [];
    const runId = `${everywhere.stdout.trim()}@${node}`;
    while ((await place.run('result', runId, '--wait', '60')).exitCode !== 0);
    expect(await worker.stop()).toBe(0);
  });

  it('says that there is none', async () => {
    expect(await place.run('result', 'nobody')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: There is no task nobody.\n',
    });
  });
});
