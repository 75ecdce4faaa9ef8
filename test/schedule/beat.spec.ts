import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UnknownEntryError, type NewEntry } from '@celeriac/schedule';
import { defineTask, type TaskRoutes } from '@celeriac/tasks';
import { z } from 'zod';
import {
  createScheduleDatabase,
  everySecond as due,
  type ScheduleApp,
  type ScheduleDatabase,
} from '../fixtures/schedule-app.js';

const digest = defineTask({ name: 'test.digest', input: z.object({ to: z.string() }), queue: 'work' });
const contracts = [digest];
const taskRoutes: TaskRoutes = [(_name, { to }) => (to === 'nowhere' ? 'nowhere' : undefined)];

describe('beat', () => {
  let database: ScheduleDatabase;

  beforeEach(async () => {
    database = await createScheduleDatabase();
  });

  afterEach(() => database.drop());

  function start(beat = true): Promise<ScheduleApp> {
    return database.start({ contracts, beat, taskRoutes });
  }

  function everySecond(name: string, other: Partial<NewEntry> = {}): NewEntry {
    return due(name, { kwargs: { to: 'a@example.com' }, ...other });
  }

  async function tasks(): Promise<Array<{ id: string; name: string }>> {
    return database.dataSource.query('SELECT * FROM task ORDER BY created_at');
  }

  it('sends a task for each time, as soon as it is due, and is told of entries at once', async () => {
    const app = await start();
    await app.book.add(everySecond('often'));
    const sent = await app.untilSent((ticks) => ticks.length >= 3);
    const times = sent.map(({ dueAt }) => dueAt.getTime());
    expect(times.slice(1, 3).map((time, index) => time - (times[index] ?? 0))).toEqual([1000, 1000]);
    expect((await app.book.get('often')).totalRuns).toBeGreaterThanOrEqual(3);
    const [task] = await tasks();
    expect(task).toMatchObject({ id: sent[0]?.taskId, name: 'test.digest' });
  });

  it('sends once for each time, however many beats there are', async () => {
    const apps = await Promise.all([start(), start(), start()]);
    const [first] = apps;
    for (const name of ['a', 'b', 'c']) await first?.book.add(everySecond(name));
    let total = 0;
    while (total < 9) {
      await Promise.race(apps.map((app) => app.untilSent((ticks) => ticks.length > total)));
      [{ total }] = await database.dataSource.query('SELECT count(*)::integer AS total FROM schedule_tick');
    }
    for (const name of ['a', 'b', 'c']) await first?.book.disable(name);
    const all = await tasks();
    const ticks = [
      ...(await database.ticksOf('a')),
      ...(await database.ticksOf('b')),
      ...(await database.ticksOf('c')),
    ];
    expect(all.map(({ id }) => id).toSorted()).toEqual(ticks.map(({ task_id: id }) => id).toSorted());
    const times = (await database.ticksOf('a')).map(({ due_at: dueAt }) => dueAt.getTime());
    expect(new Set(times).size).toBe(times.length);
  });

  it('sends for a time that comes back once only', async () => {
    const app = await start();
    await app.book.add(everySecond('often'));
    const [first] = await app.untilSent((ticks) => ticks.length >= 1);
    await database.dataSource.query(`UPDATE schedule_entry SET next_run_at = $1`, [first?.dueAt]);
    await app.untilSent((ticks) => ticks.length >= 3);
    const times = (await database.ticksOf('often')).map(({ due_at: dueAt }) => dueAt.getTime());
    expect(new Set(times).size).toBe(times.length);
    expect(await tasks()).toHaveLength(times.length);
  });

  it('leaves out what comes while the last task is running, if it is to', async () => {
    const app = await start();
    await app.book.add(everySecond('often', { overlap: 'skip' }));
    await app.untilSent((ticks) => ticks.length >= 1);
    while ((await database.ticksOf('often')).length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await database.ticksOf('often')).filter(({ task_id: id }) => id !== null)).toHaveLength(1);
    expect(await tasks()).toHaveLength(1);
  });

  it('disables an entry that has gone bad, says why, and goes on with the others', async () => {
    const app = await start(false);
    await app.book.add(everySecond('no schedule'));
    await app.book.add(everySecond('bad input'));
    await app.book.add(everySecond('not for Postgres'));
    await app.book.add(everySecond('no queue', { kwargs: { to: 'nowhere' } }));
    await app.book.add(everySecond('good'));
    const { dataSource } = database;
    await dataSource.query(`UPDATE schedule_entry SET schedule = '{"type":"lunar"}' WHERE name = 'no schedule'`);
    await dataSource.query(`UPDATE schedule_entry SET kwargs = '{"to":5}' WHERE name = 'bad input'`);
    await dataSource.query(
      `UPDATE schedule_entry SET options = '{"queue":"a\\u0000"}' WHERE name = 'not for Postgres'`,
    );
    const beat = await start();
    await beat.untilSent((ticks) => ticks.some(({ entry }) => entry === 'good'));
    expect(await app.book.get('no schedule')).toMatchObject({
      enabled: false,
      schedule: null,
      problem: expect.any(String),
    });
    expect(await app.book.get('bad input')).toMatchObject({
      enabled: false,
      problem: expect.stringMatching(/to: .*string/),
    });
    expect(await app.book.get('no queue')).toMatchObject({
      enabled: false,
      problem: expect.stringMatching(/route .* has queue='nowhere'/),
    });
    expect(await app.book.get('not for Postgres')).toMatchObject({
      enabled: false,
      problem: expect.stringMatching(/^Postgres cannot take its task: .*0x00/),
    });
    expect(await app.book.list()).toHaveLength(5);
    expect(await app.book.get('good')).toMatchObject({ enabled: true, problem: null });
  });

  it('is once only, when it is to be, and clocked', async () => {
    const app = await start();
    await app.book.add(everySecond('once', { oneOff: true }));
    await app.book.add(everySecond('then', { schedule: { type: 'clocked', at: new Date(Date.now() + 2000) } }));
    await app.untilSent((ticks) => ticks.length >= 2);
    expect(await app.book.get('once')).toMatchObject({ enabled: false, nextRunAt: null, totalRuns: 1, problem: null });
    expect(await app.book.get('then')).toMatchObject({ enabled: false, nextRunAt: null, totalRuns: 1, problem: null });
  });

  it('refuses what makes no sense, and names the field', async () => {
    const { book } = await start(false);
    await book.add(everySecond('one'));
    const fieldsOf = async (entry: NewEntry): Promise<string[]> => {
      const error: unknown = await book.add(entry).catch((refused: unknown) => refused);
      return (error as { issues: Array<{ field: string }> }).issues.map(({ field }) => field);
    };
    expect(await fieldsOf(everySecond('one'))).toEqual(['name']);
    expect(await fieldsOf(everySecond('two', { task: 'test.nothing' }))).toEqual(['task']);
    const elsewhere = { task: 'python.task', options: { queue: 'python' } };
    expect(await fieldsOf(everySecond('two', { ...elsewhere, overlap: 'skip' }))).toEqual(['overlap']);
    expect(await fieldsOf(everySecond('two', { description: 'a\0' }))).toEqual(['description']);
    expect(await fieldsOf(everySecond('two', { options: { expires: 1e10 } }))).toEqual(['options.expires']);
    expect(await fieldsOf(everySecond('two', { kwargs: {} }))).toEqual(['kwargs.to']);
    expect(await fieldsOf(everySecond('two', { args: [1] }))).toEqual(['kwargs.args']);
    const never = { type: 'crontab', crontab: '0 0 31 2 *', timezone: 'UTC' } as const;
    expect(await fieldsOf(everySecond('two', { schedule: never }))).toEqual(['schedule.crontab']);
    const past = new Date(Date.now() - 3_600_000);
    expect(await fieldsOf(everySecond('two', { schedule: { type: 'clocked', at: past } }))).toEqual(['schedule.at']);
    expect(await fieldsOf(everySecond('two', { endsAt: past }))).toEqual(['endsAt']);
    await expect(book.get('two')).rejects.toThrow(UnknownEntryError);
    await expect(book.change('one', { endsAt: past })).rejects.toThrow(/endsAt: from now on it is never due/);
    expect(await book.get('one')).toMatchObject({ endsAt: null, nextRunAt: expect.any(Date) });
  });

  it('runs an entry now, and says when it is due next', async () => {
    const { book } = await start(false);
    await book.add(everySecond('daily', { schedule: { type: 'crontab', crontab: '0 7 * * *', timezone: 'UTC' } }));
    const id = await book.runNow('daily');
    expect(await tasks()).toMatchObject([{ id }]);
    expect(await book.get('daily')).toMatchObject({ lastTaskId: id, totalRuns: 1 });
    expect((await book.next('daily', 3)).map((run) => run.toISOString().slice(11))).toEqual(
      Array(3).fill('07:00:00.000Z'),
    );
  });
});
