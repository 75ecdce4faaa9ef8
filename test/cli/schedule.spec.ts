import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Entry } from '@celeriac/schedule';
import type { AppProcess } from '../fixtures/app-process.js';
import { DemoPlace, type CommandResult } from '../fixtures/cli/celeriac.js';

const UUID = /^[0-9a-f-]{36}$/;

let place: DemoPlace;

beforeAll(async () => {
  place = await DemoPlace.createPeriodic();
});

afterAll(() => place.drop());

function schedule(...args: string[]): Promise<CommandResult> {
  return place.run('schedule', ...args);
}

function json<Value>(...args: string[]): Promise<Value> {
  return place.json('schedule', ...args);
}

/** Adds an entry that is due once a day. */
async function addDaily(name: string, ...args: string[]): Promise<Entry> {
  return json('add', name, 'demo.add', '--crontab', '30 7 * * *', '--args', '[1, 2]', ...args);
}

/** Has beat write the entries of the code. */
async function writeCode(): Promise<void> {
  const beat = await place.startBeat();
  expect(await beat.stop()).toBe(0);
}

/** What is in the database of an entry, for which there is no command. */
async function setRow(name: string, set: string): Promise<void> {
  await place.database.dataSource.query(`UPDATE schedule_entry SET ${set} WHERE name = $1`, [name]);
}

describe('celeriac schedule add', () => {
  it('adds what is due by a crontab, with all there is to say of it', async () => {
    const options = '--queue other --priority 3 --expires 60 --missed all --overlap skip --jitter 5 --one-off'.split(
      ' ',
    );
    const entry = await addDaily(
      'all',
      ...['--timezone', 'Europe/Vienna', '--kwargs', '{}', '--headers', '{"from": "cli"}', '--description', 'For all.'],
      ...['--start', '2030-01-01T00:00Z', '--end', '2030-02-01T00:00Z', ...options],
    );
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

  it('takes UTC for the zone, counts from now or from the start, knows a time and a place', async () => {
    const text = await schedule('add', 'utc', 'demo.late', '--crontab', '0 7 * * MON-FRI', '--disabled');
    expect(text).toEqual({
      exitCode: 0,
      stdout: 'Added: At 07:00, Monday through Friday, UTC. It is disabled.\n',
      stderr: '',
    });
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
    const place = ['--latitude', '-33.87', '--longitude', '151.21'];
    expect(await json('add', 'sun', 'demo.late', '--solar', 'sunset', ...place)).toMatchObject({
      schedule: { type: 'solar', event: 'sunset', latitude: -33.87, longitude: 151.21 },
      words: { times: 'At sunset, at 33.87° S, 151.21° E' },
    });
    const foreign = ['--crontab', '0 7 * * *', '--queue', 'python'];
    expect(await json('add', 'python', 'python.task', ...foreign)).toMatchObject({ options: { queue: 'python' } });
  });

  it.each([
    [[], 'When is it due? Expected one of --crontab, --every, --at, --solar.'],
    [['--every', '1h', '--at', '2030-01-01'], 'When is it due? Expected one of'],
    [['--every', '1h', '--timezone', 'UTC'], '--timezone is of --crontab: leave it out.'],
    [['--every', '90'], "argument '90' is invalid. Expected how often"],
    [['--every', '2000000s'], '--every: '],
    [['--at', 'tomorrow'], "argument 'tomorrow' is invalid. Expected a time, such as"],
    [['--at', '2020-01-01'], '--at: it is not due any more: give it a time to come, or have it disabled.'],
    [['--every', '1h', '--end', '2020-01-01'], '--every: it is not due any more'],
    [['--every', '1h', '--start', '2030-01-02', '--end', '2030-01-01'], '--end: it has to be after startsAt.'],
    [['--crontab', '0 7 30 2 *'], '--crontab: it is never due: there is no such day (given: "0 7 30 2 *").'],
    [['--crontab', '0 25 * * *'], '--crontab: '],
    [['--crontab', '0 7 * * *', '--timezone', 'Europe/Wien'], '--timezone: there is no such time zone'],
    [['--solar', 'moonrise', '--latitude', '1', '--longitude', '2'], '--solar: '],
    [['--solar', 'sunset', '--latitude', 'north'], "argument 'north' is invalid. Expected a number"],
    [['--solar', 'sunset', '--latitude', '1'], '--longitude: '],
    [['--every', '1h', '--missed', 'some'], '--missed: '],
    [['--every', '1h', '--jitter', '100000'], '--jitter: '],
    [['--every', '1h', '--kwargs', '{"x": "one", "y": 2}'], '--kwargs x: '],
    [['--every', '1h', '--kwargs', '{x: 1}'], 'It is no JSON from character 2 on'],
  ])('says what is wrong: %j', async (args, words) => {
    const { exitCode, stdout, stderr } = await schedule('add', 'bad', 'demo.add', '--args', '[1, 2]', ...args);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it('says all that is wrong at once, and which task was meant', async () => {
    const { exitCode, stderr } = await schedule(
      ...['add', 'bad', 'demo.add', '--every', '1h', '--missed', 'some', '--overlap', 'some'],
    );
    expect(exitCode).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^error: --missed: .*"skip".*"last".*"all"/),
      expect.stringMatching(/^--overlap: .*"allow".*"skip"/),
    ]);
    expect((await schedule('add', 'bad', 'demo.ad', '--every', '1h')).stderr).toMatch(
      /^error: task: The app knows no task demo\.ad\. Did you mean demo\.add\? Its tasks: .*--queue, or a route/,
    );
    await addDaily('twice');
    const again = await schedule('add', 'twice', 'demo.late', '--every', '1h');
    expect(again).toMatchObject({ exitCode: 2, stderr: 'error: name: there is one of this name: take another.\n' });
  });
});

describe('celeriac schedule', () => {
  let worker: AppProcess;

  beforeAll(async () => {
    await place.database.dataSource.query('DELETE FROM schedule_entry');
    expect(await schedule('list')).toEqual({ exitCode: 0, stdout: 'No periodic tasks.\n', stderr: '' });
    await writeCode();
    worker = await place.startWorker();
  });

  afterAll(() => worker.stop('SIGQUIT'));

  it('list has a line for each: when it was, is and will be due, in plain words, and what is wrong', async () => {
    await addDaily('demo.late');
    await addDaily('off', '--disabled');
    await addDaily('broken');
    await addDaily('late');
    await setRow('demo.late', `task = 'demo.late', last_run_at = now() - interval '3 hours', total_runs = 1234`);
    await setRow('broken', `enabled = false, next_run_at = NULL, problem = 'it is\nbroken'`);
    await setRow('late', `next_run_at = now() - interval '2 hours'`);
    const { exitCode, stdout, stderr } = await schedule('list');
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^NAME +TASK +NEXT +LAST +RUNS +SCHEDULE$/),
      expect.stringMatching(/^broken +demo\.add +disabled +0 +it is broken \| At 07:30, UTC$/),
      expect.stringMatching(/^demo\.late +in \d+[hms] +3h ago +1,234 +At 07:30, UTC$/),
      expect.stringMatching(/^late +demo\.add +due 2h ago +0 +At 07:30, UTC$/),
      expect.stringMatching(/^off +demo\.add +disabled +0 +At 07:30, UTC$/),
      expect.stringMatching(/^sum +demo\.add +in \d+[ms] +0 +Every 3600 seconds$/),
    ]);
    expect(stderr).toBe('1 of them should have been sent by now: does beat run? celeriac beat\n');
    const names = async (...args: string[]): Promise<string[]> =>
      (await json<Entry[]>('list', ...args)).map(({ name }) => name);
    expect(await names('--task', 'demo.late')).toEqual(['demo.late']);
    expect(await names('--disabled')).toEqual(['broken', 'off']);
    expect(await names('--enabled')).toEqual(['demo.late', 'late', 'sum']);
    expect((await schedule('list', '--task', 'demo.lte')).stderr).toMatch(
      /no task demo\.lte\. Did you mean demo\.late\?/,
    );
  });

  it('next has the times in the zone of the schedule and in UTC, also over a change of clocks', async () => {
    const zone = ['--timezone', 'Europe/Vienna', '--start', '2035-03-24T12:00Z'];
    await addDaily('vienna', ...zone, '--disabled');
    const { exitCode, stdout, stderr } = await schedule('next', 'vienna', '--count', '2');
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^Europe\/Vienna +UTC$/),
      expect.stringMatching(/^Sun 2035-03-25 07:30:00 \+02:00 +Sun 2035-03-25 05:30:00 \+00:00 +in \d+d$/),
      expect.stringMatching(/^Mon 2035-03-26 07:30:00 \+02:00 +Mon 2035-03-26 05:30:00 \+00:00 +in \d+d$/),
    ]);
    expect(stderr).toBe('It is disabled: these are the times if it were not.\n');
    const timezone = 'Europe/Vienna';
    expect(await json('next', 'vienna', '-n', '1')).toEqual([
      { at: '2035-03-25T05:30:00.000Z', timezone, local: '2035-03-25T07:30:00+02:00' },
    ]);
    await addDaily('single', '--one-off');
    expect(await json('next', 'single')).toHaveLength(1);
    await addDaily('past', '--disabled', '--end', '2020-01-01');
    expect(await schedule('next', 'past')).toMatchObject({ exitCode: 1, stdout: 'It is not due any more.\n' });
  });

  it('run-now sends the task, also of one that is disabled; --wait shows what became of it', async () => {
    await addDaily('now', '--disabled');
    const { exitCode, stdout, stderr } = await schedule('run-now', 'now');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.trimEnd()).toMatch(UUID);
    expect(await place.json('result', stdout.trimEnd(), '--wait', '60')).toMatchObject({ state: 'SUCCESS', result: 3 });
    expect(await json('run-now', 'now', '--wait', '60')).toMatchObject({ state: 'SUCCESS', result: 3 });
    await json('add', 'fails', 'demo.fail', '--every', '1d');
    expect((await schedule('run-now', 'fails', '--wait', '60')).exitCode).toBe(1);
    await setRow('now', `kwargs = '{"x": "one"}'`);
    expect(await schedule('run-now', 'now')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: Entry "now" cannot be used: /),
    });
    await json('add', 'everywhere', 'demo.everywhere', '--every', '1d', '--disabled');
    expect(await schedule('run-now', 'everywhere', '--wait')).toMatchObject({
      exitCode: 2,
      stderr: 'error: demo.everywhere is a broadcast, which each worker runs: leave out --wait.\n',
    });
  });

  it('show has all of one: the last task and its outcome, the next runs, and where it comes from', async () => {
    await addDaily('shown', '--timezone', 'Europe/Vienna', '--queue', 'work', '--description', 'Adds up.');
    expect((await schedule('show', 'shown')).stdout).toMatch(/^last run +none yet$/m);
    const { taskId: id } = await json<{ taskId: string }>('run-now', 'shown', '--wait', '60');
    const { stdout } = await schedule('show', 'shown');
    const lines = stdout.split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^description +Adds up\.$/));
    expect(lines).toContainEqual(expect.stringMatching(/^args +\[1,2\]$/));
    expect(lines).toContainEqual(expect.stringMatching(/^queue +work$/));
    expect(stdout).toMatch(/^schedule +At 07:30, Europe\/Vienna\n +crontab 30 7 \* \* \*\n +When clocks go forward/m);
    expect(lines).toContainEqual(expect.stringMatching(/^enabled +yes$/));
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^last task +${id} SUCCESS 3$`)));
    expect(lines).toContainEqual(expect.stringMatching(/^from +the database$/));
    expect(stdout.slice(stdout.indexOf('Europe/Vienna  ')).trimEnd().split('\n')).toHaveLength(11);
    await place.database.dataSource.query('DELETE FROM task WHERE id = $1', [id]);
    expect((await schedule('show', 'shown')).stdout).toMatch(
      new RegExp(`^last task +${id}\n +forgotten: it ended`, 'm'),
    );
    expect(await json('show', 'shown')).toMatchObject({
      lastTask: { id, isBroadcast: false },
      nextRuns: { length: 10 },
    });
  });

  it('show says why one is disabled', async () => {
    await addDaily('why');
    const enabled = async (): Promise<string | undefined> =>
      (await schedule('show', 'why')).stdout.split('\n').find((line) => line.startsWith('enabled'));
    await schedule('disable', 'why');
    expect(await enabled()).toMatch(/no: somebody has disabled it$/);
    await setRow('why', `problem = 'it is broken'`);
    expect(await enabled()).toMatch(/no: it is broken$/);
    await setRow('why', `problem = NULL, one_off = true, last_run_at = now()`);
    expect(await enabled()).toMatch(/no: it has run for the last time$/);
    await setRow('why', `schedule = '{"type": "lunar"}'`);
    const { exitCode, stdout } = await schedule('show', 'why');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^schedule +none that can be used\nenabled +no: The schedule cannot be used/m);
  });

  it('disable and enable, which says when it is due next, or why it cannot be', async () => {
    await addDaily('switched');
    const disabled = await schedule('disable', 'switched');
    expect(disabled).toEqual({ exitCode: 0, stdout: 'Disabled. Tasks that were sent go on.\n', stderr: '' });
    expect(await json('show', 'switched')).toMatchObject({ enabled: false, nextRunAt: null });
    expect((await schedule('enable', 'switched')).stdout).toMatch(
      /^Enabled\. Next run: 20\S+ \S+ \(in \d+[hms]\)\.\n$/,
    );
    await schedule('disable', 'switched');
    await setRow('switched', `task = 'demo.gone'`);
    expect(await schedule('enable', 'switched')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: Entry "switched" cannot be used: task: /),
    });
  });

  it('reset has one be as the code says; show says what was changed until then', async () => {
    await schedule('disable', 'sum');
    await setRow('sum', `kwargs = '{"x": 7, "y": 7}'`);
    const from = async (): Promise<string | undefined> =>
      (await schedule('show', 'sum')).stdout.split('\n').find((line) => line.startsWith('from'));
    expect(await from()).toMatch(/the code; changed in the database: kwargs, enabled$/);
    expect((await schedule('reset', 'sum')).stdout).toMatch(/^As the code says: kwargs, enabled\. Next run: 20/);
    expect(await from()).toMatch(/the code$/);
    expect((await schedule('reset', 'sum')).stdout).toMatch(/^Nothing was changed\. Next run: 20/);
    await addDaily('own');
    expect(await schedule('reset', 'own')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: "own" does not come from the code: there is nothing to go back to.\n',
    });
  });

  it('remove asks before; one of the code comes back when beat starts', async () => {
    await addDaily('removed');
    expect(await schedule('remove', 'removed')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: Without a terminal to ask at, remove needs --force.\n',
    });
    expect(await schedule('remove', 'removed', '--force')).toEqual({ exitCode: 0, stdout: 'Removed.\n', stderr: '' });
    expect((await schedule('show', 'removed')).exitCode).toBe(1);
    expect((await schedule('remove', 'sum', '-f')).stderr).toBe(
      'It comes from the code, and is there again when beat starts next.\n',
    );
    await writeCode();
    expect((await schedule('show', 'sum')).exitCode).toBe(0);
  });

  it.each(['show', 'next', 'enable', 'disable', 'reset', 'run-now', 'remove'])(
    '%s says that there is no such periodic task, and which was meant',
    async (command) => {
      const force = command === 'remove' ? ['--force'] : [];
      expect(await schedule(command, 'smu', ...force)).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: 'error: There is no periodic task "smu". Did you mean sum?\n',
      });
    },
  );
});
