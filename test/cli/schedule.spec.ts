import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ScheduleEntryEntity, type Entry } from '@celeriac/schedule';
import type { AppProcess } from '../fixtures/app-process.js';
import { DemoPlace, type CommandResult } from '../fixtures/cli/celeriac.js';

const UUID = /^[0-9a-f-]{36}$/;

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

const DISABLED = { enabled: false, nextRunAt: null };
const TOMORROW = new Date(Date.now() + 86_400_000);

/** Has an entry be in the database that is due once a day. */
async function have(name: string, fields: Partial<ScheduleEntryEntity> = {}): Promise<void> {
  const schedule = { type: 'crontab', crontab: '30 7 * * *', timezone: 'UTC' };
  const entry = { name, task: 'demo.add', args: [1, 2], schedule, nextRunAt: TOMORROW, ...fields };
  await place.database.dataSource.getRepository(ScheduleEntryEntity).insert(entry as object);
}

/** Has beat write the entries of the code. */
async function writeCode(): Promise<void> {
  const beat = await place.startBeat();
  expect(await beat.stop()).toBe(0);
}

/** Changes what the database has of an entry. */
async function change(name: string, fields: Partial<ScheduleEntryEntity>): Promise<void> {
  await place.database.dataSource.getRepository(ScheduleEntryEntity).update({ name }, fields as object);
}

describe('celeriac schedule', () => {
  let worker: AppProcess;

  beforeAll(async () => {
    expect(await run('list')).toEqual({ exitCode: 0, stdout: 'No periodic tasks.\n', stderr: '' });
    await writeCode();
    worker = await place.startWorker();
  });

  afterAll(() => worker.stop('SIGQUIT'));

  it('list has a line for each: when it was, is and will be due, in plain words, and what is wrong', async () => {
    const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3_600_000 - 1000);
    await have('demo.late', { task: 'demo.late', lastRunAt: hoursAgo(3), totalRuns: 1234 });
    await have('off', DISABLED);
    await have('broken', { ...DISABLED, problem: 'it is\nbroken' });
    await have('late', { nextRunAt: hoursAgo(2) });
    const { exitCode, stdout, stderr } = await run('list');
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
    expect((await run('list', '--task', 'demo.lte')).stderr).toMatch(/no task demo\.lte\. Did you mean demo\.late\?/);
  });

  it('next has the times in the zone of the schedule and in UTC, also over a change of clocks', async () => {
    const timezone = 'Europe/Vienna';
    const inVienna = { type: 'crontab', crontab: '30 7 * * *', timezone };
    await have('vienna', { schedule: inVienna, startsAt: new Date('2035-03-24T12:00Z'), ...DISABLED });
    const { exitCode, stdout, stderr } = await run('next', 'vienna', '--count', '2');
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^Europe\/Vienna +UTC$/),
      expect.stringMatching(/^Sun 2035-03-25 07:30:00 \+02:00 +Sun 2035-03-25 05:30:00 \+00:00 +in \d+d$/),
      expect.stringMatching(/^Mon 2035-03-26 07:30:00 \+02:00 +Mon 2035-03-26 05:30:00 \+00:00 +in \d+d$/),
    ]);
    expect(stderr).toBe('It is disabled: these are the times if it were not.\n');
    expect(await json('next', 'vienna', '-n', '1')).toEqual([
      { at: '2035-03-25T05:30:00.000Z', timezone, local: '2035-03-25T07:30:00+02:00' },
    ]);
    await have('single', { oneOff: true });
    expect(await json('next', 'single')).toHaveLength(1);
    await have('past', { ...DISABLED, endsAt: new Date('2020-01-01') });
    expect(await run('next', 'past')).toMatchObject({ exitCode: 1, stdout: 'It is not due any more.\n' });
  });

  it('run-now sends the task, also of one that is disabled; --wait shows what became of it', async () => {
    await have('now', DISABLED);
    const { exitCode, stdout, stderr } = await run('run-now', 'now');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.trimEnd()).toMatch(UUID);
    expect(await place.json('result', stdout.trimEnd(), '--wait', '60')).toMatchObject({ state: 'SUCCESS', result: 3 });
    expect(await json('run-now', 'now', '--wait', '60')).toMatchObject({ state: 'SUCCESS', result: 3 });
    await have('fails', { task: 'demo.fail', args: [] });
    expect((await run('run-now', 'fails', '--wait', '60')).exitCode).toBe(1);
    await change('now', { kwargs: { x: 'one' } });
    expect(await run('run-now', 'now')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: Entry "now" cannot be used: /),
    });
    await have('everywhere', { task: 'demo.everywhere', args: [] });
    expect(await run('run-now', 'everywhere', '--wait')).toMatchObject({
      exitCode: 2,
      stderr: 'error: demo.everywhere is a broadcast, which each worker runs: leave out --wait.\n',
    });
  });

  it('show has all of one: the last task and its outcome, the next runs, and where it comes from', async () => {
    const inVienna = { type: 'crontab', crontab: '30 7 * * *', timezone: 'Europe/Vienna' };
    await have('shown', { schedule: inVienna, options: { queue: 'work' }, description: 'Adds up.' });
    expect((await run('show', 'shown')).stdout).toMatch(/^last due +not yet$/m);
    const { taskId: id } = await json<{ taskId: string }>('run-now', 'shown', '--wait', '60');
    const { stdout } = await run('show', 'shown');
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
    expect((await run('show', 'shown')).stdout).toMatch(new RegExp(`^last task +${id}\n +forgotten: it ended`, 'm'));
    const { lastTask, nextRuns } = await json<{ lastTask: unknown; nextRuns: unknown[] }>('show', 'shown');
    expect(lastTask).toEqual({ id, isBroadcast: false });
    expect(nextRuns).toHaveLength(10);
  });

  it('shows nothing that is secret', async () => {
    const call = { task: 'demo.login', args: [], kwargs: { password: 'hunter2' } };
    await have('secret', { ...call, declared: call });
    expect((await run('show', 'secret')).stdout).toMatch(/^kwargs +\{"password":"\*\*\*"\}$/m);
    for (const args of [['show', 'secret'], ['list'], ['enable', 'secret']]) {
      const shown = JSON.stringify(await json(...args));
      expect(shown).toContain('"***"');
      expect(shown).not.toContain('hunter2');
    }
  });

  it('show says why one is disabled', async () => {
    await have('why', DISABLED);
    const enabled = async (): Promise<string | undefined> =>
      (await run('show', 'why')).stdout.split('\n').find((line) => line.startsWith('enabled'));
    expect(await enabled()).toMatch(/no: somebody has disabled it$/);
    await change('why', { problem: 'it is broken' });
    expect(await enabled()).toMatch(/no: it is broken$/);
    await change('why', { problem: null, oneOff: true, lastRunAt: new Date() });
    expect(await enabled()).toMatch(/no: it has run for the last time$/);
    await change('why', { schedule: { type: 'lunar' } });
    const { exitCode, stdout } = await run('show', 'why');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^schedule +none that can be used\nenabled +no: The schedule cannot be used/m);
  });

  it('disable and enable, which says when it is due next, or why it cannot be', async () => {
    await have('switched');
    const disabled = await run('disable', 'switched');
    expect(disabled).toEqual({ exitCode: 0, stdout: 'Disabled. Tasks that were sent go on.\n', stderr: '' });
    expect(await json('show', 'switched')).toMatchObject({ enabled: false, nextRunAt: null });
    expect((await run('enable', 'switched')).stdout).toMatch(/^Enabled\. Next run: 20\S+ \S+ \(in \d+[hms]\)\.\n$/);
    await run('disable', 'switched');
    await change('switched', { task: 'demo.gone' });
    expect(await run('enable', 'switched')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error: Entry "switched" cannot be used: task: /),
    });
  });

  it('reset has one be as the code says; show says what was changed until then', async () => {
    await change('sum', { ...DISABLED, kwargs: { x: 7, y: 7 } });
    const from = async (): Promise<string | undefined> =>
      (await run('show', 'sum')).stdout.split('\n').find((line) => line.startsWith('from'));
    expect(await from()).toMatch(/the code; changed in the database: kwargs, enabled$/);
    expect((await run('reset', 'sum')).stdout).toMatch(/^As the code says: kwargs, enabled\. Next run: 20/);
    expect(await from()).toMatch(/the code$/);
    expect((await run('reset', 'sum')).stdout).toMatch(/^Nothing was changed\. Next run: 20/);
    await have('own');
    expect(await run('reset', 'own')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: "own" does not come from the code: there is nothing to go back to.\n',
    });
  });

  it('remove asks before; one of the code comes back when beat starts', async () => {
    await have('removed');
    expect(await run('remove', 'removed')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: Without a terminal to ask at, remove needs --force.\n',
    });
    expect(await run('remove', 'removed', '--force')).toEqual({ exitCode: 0, stdout: 'Removed.\n', stderr: '' });
    expect((await run('show', 'removed')).exitCode).toBe(1);
    expect((await run('remove', 'sum', '-f')).stderr).toBe(
      'It comes from the code, and is there again when beat starts next.\n',
    );
    await writeCode();
    expect((await run('show', 'sum')).exitCode).toBe(0);
  });

  it.each(['show', 'enable', 'run-now', 'remove'])(
    '%s says that there is no such periodic task, and which was meant',
    async (command) => {
      const force = command === 'remove' ? ['--force'] : [];
      expect(await run(command, 'smu', ...force)).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: 'error: There is no periodic task "smu". Did you mean sum?\n',
      });
    },
  );
});
