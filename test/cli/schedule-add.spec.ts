import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Entry } from '@celeriac/schedule';
import { celeriac, DemoPlace, type CommandResult } from '../fixtures/cli/celeriac.js';

let place: DemoPlace;

beforeAll(async () => {
  place = await DemoPlace.createPeriodic();
});

afterAll(() => place.drop());

function run(...args: string[]): Promise<CommandResult> {
  return place.run('schedule', ...args);
}

function json<Value>(...args: string[]): Promise<Value> {
  return place.json('schedule', ...args);
}

describe('celeriac schedule add', () => {
  it('adds what is due by a crontab, with all there is to say of it', async () => {
    const when = ['--crontab', '30 7 * * *', '--timezone', 'Europe/Vienna'];
    const between = '--start 2030-01-01T00:00Z --end 2030-02-01T00:00Z --one-off'.split(' ');
    const call = ['--args', '[1, 2]', '--kwargs', '{}', '--headers', '{"from": "cli"}', '--description', 'For all.'];
    const options = '--queue other --priority 3 --expires 60 --missed all --overlap skip --jitter 5'.split(' ');
    const entry = await json('add', 'all', 'demo.add', ...when, ...between, ...call, ...options);
    expect(entry).toMatchObject({
      name: 'all',
      task: 'demo.add',
      args: [1, 2],
      kwargs: {},
      schedule: { type: 'crontab', crontab: '30 7 * * *', timezone: 'Europe/Vienna' },
      words: { times: 'At 07:30, Europe/Vienna', clockChange: expect.any(String) },
      options: { queue: 'other', priority: 3, headers: { from: 'cli' }, expires: 60 },
      enabled: true,
      description: 'For all.',
      nextRunAt: '2030-01-01T06:30:00.000Z',
      startsAt: '2030-01-01T00:00:00.000Z',
      endsAt: '2030-02-01T00:00:00.000Z',
      oneOff: true,
      missed: 'all',
      overlap: 'skip',
      jitterSeconds: 5,
      declared: null,
    });
  });

  it('takes UTC for the zone, or what the app says, counts from now or from the start, knows a time and a place', async () => {
    const text = await run('add', 'utc', 'demo.late', '--crontab', '0 7 * * MON-FRI', '--disabled');
    expect(text).toEqual({
      exitCode: 0,
      stdout: 'Added: At 07:00, Monday through Friday, UTC. It is disabled.\n',
      stderr: '',
    });
    const tokyo = ['schedule', 'add', 'tokyo', 'demo.late', '--crontab', '0 7 * * *'];
    const zoned = await celeriac(tokyo, { ...place.environment, PERIODIC_ZONE: 'Asia/Tokyo' });
    expect(zoned.stdout).toMatch(/^Added: At 07:00, Asia\/Tokyo\. Next run: /);
    const before = Math.floor(Date.now() / 1000) * 1000;
    const often = await json<Entry & { schedule: { from: string } }>('add', 'every', 'demo.late', '--every', '30m');
    const from = Date.parse(often.schedule.from);
    expect(from).toBeGreaterThanOrEqual(before);
    expect(Date.parse(String(often.nextRunAt))).toBe(from + 1_800_000);
    const start = ['--start', '2030-01-01T00:00:07Z'];
    expect(await json('add', 'started', 'demo.late', '--every', '2h', ...start)).toMatchObject({
      nextRunAt: '2030-01-01T00:00:07.000Z',
    });
    expect(await json('add', 'once', 'demo.late', '--at', '2030-12-24T18:00:00+01:00')).toMatchObject({
      schedule: { type: 'clocked', at: '2030-12-24T17:00:00.000Z' },
      nextRunAt: '2030-12-24T17:00:00.000Z',
    });
    const sydney = ['--latitude', '-33.87', '--longitude', '151.21'];
    expect(await json('add', 'sun', 'demo.late', '--solar', 'sunset', ...sydney)).toMatchObject({
      schedule: { type: 'solar', event: 'sunset', latitude: -33.87, longitude: 151.21 },
      words: { times: 'At sunset, at 33.87° S, 151.21° E' },
    });
    const foreign = ['--crontab', '0 7 * * *', '--queue', 'python'];
    expect(await json('add', 'python', 'python.task', ...foreign)).toMatchObject({ options: { queue: 'python' } });
  });

  it.each([
    [['--every', '1h', '--timezone', 'UTC'], '--timezone is of --crontab: leave it out.'],
    [['--every', '90'], "argument '90' is invalid. Expected how often"],
    [['--at', '2020-01-01'], '--at: from now on it is never due.'],
    [['--crontab', '0 7 30 2 *'], '--crontab: it is never due: there is no such day (given: "0 7 30 2 *").'],
    [['--solar', 'sunset', '--latitude', '1'], '--longitude: '],
    [['--every', '1h', '--args', '[]', '--kwargs', '{"x": "one", "y": 2}'], '--kwargs x: '],
  ])('says what is wrong: %j', async (args, words) => {
    const { exitCode, stdout, stderr } = await run('add', 'bad', 'demo.add', '--args', '[1, 2]', ...args);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it('says all that is wrong at once, and which task was meant', async () => {
    const words = ['--missed', 'some', '--overlap', 'some'];
    const { exitCode, stderr } = await run('add', 'bad', 'demo.add', '--every', '1h', ...words);
    expect(exitCode).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^error: --missed: .*"skip".*"last".*"all"/),
      expect.stringMatching(/^--overlap: .*"allow".*"skip"/),
    ]);
    expect((await run('add', 'bad', 'demo.ad', '--every', '1h')).stderr).toMatch(
      /^error: task: The app knows no task demo\.ad\. Did you mean demo\.add\? Its tasks: .*--queue, or a route/,
    );
    const again = await run('add', 'all', 'demo.late', '--every', '1h');
    expect(again).toMatchObject({ exitCode: 2, stderr: 'error: name: there is one of this name: take another.\n' });
  });
});
