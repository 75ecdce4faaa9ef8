import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineTask, impatientPostgres } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { ChangeListener } from '../../libs/schedule/src/beat/change-listener.js';
import { TAKE_DUE, takeDue } from '../../libs/schedule/src/beat/due-entries.js';
import {
  createScheduleDatabase,
  everySecond,
  type ScheduleApp,
  type ScheduleDatabase,
} from '../fixtures/schedule-app.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';

const digest = defineTask({ name: 'test.digest', input: z.record(z.string(), z.json()), queue: 'work' });

describe('beat', () => {
  let database: ScheduleDatabase;

  beforeEach(async () => {
    database = await createScheduleDatabase();
  });

  afterEach(() => database.drop());

  function start(beat = true): Promise<ScheduleApp> {
    return database.start({ contracts: [digest], beat });
  }

  /** Entries that are due at once, when beat starts. */
  async function addDue(count: number): Promise<void> {
    await database.dataSource.query(
      `INSERT INTO schedule_entry (name, task, schedule, next_run_at)
       SELECT 'e' || number, 'test.digest', '{"type":"interval","every":1,"period":"hours"}', date_trunc('hour', now())
       FROM generate_series(1, $1) number`,
      [count],
    );
  }

  it('disables an entry that nobody can make sense of, and goes on with the others', async () => {
    await addDue(2);
    await database.dataSource.query(`UPDATE schedule_entry SET starts_at = 'infinity' WHERE name = 'e1'`);
    const { book, untilSent } = await start();
    expect(await untilSent((ticks) => ticks.length === 1)).toMatchObject([{ entry: 'e2' }]);
    const [row] = await database.dataSource.query(`SELECT enabled, problem FROM schedule_entry WHERE name = 'e1'`);
    expect(row).toEqual({ enabled: false, problem: expect.stringMatching(/^it cannot be read: /) });
    expect(await book.list()).toHaveLength(2);
  });

  it('goes on beside an entry whose time never comes', async () => {
    await addDue(2);
    await database.dataSource.query(`UPDATE schedule_entry SET next_run_at = 'infinity' WHERE name = 'e1'`);
    const { untilSent } = await start();
    expect(await untilSent((ticks) => ticks.length === 1)).toMatchObject([{ entry: 'e2' }]);
    await database.dataSource.query(`DELETE FROM schedule_entry WHERE name = 'e2'`);
    // To subtract it from another time is an error in Postgres before 17.
    expect(await database.dataSource.transaction((manager) => takeDue(manager, 10))).toMatchObject({ nextInMs: null });
  });

  it('leaves alone what somebody has disabled by hand, and nothing else', async () => {
    await addDue(2);
    await database.dataSource.query(`UPDATE schedule_entry SET enabled = false WHERE name = 'e1'`);
    const { book, untilSent } = await start();
    const sent = await untilSent((ticks) => ticks.length === 1);
    expect(sent).toMatchObject([{ entry: 'e2' }]);
    expect(await book.get('e1')).toMatchObject({ enabled: false, totalRuns: 0 });
    expect((await database.dataSource.transaction((manager) => takeDue(manager, 10))).nextInMs).toBeGreaterThan(1000);
    const { nextRunAt } = await book.enable('e1');
    expect(nextRunAt?.getTime()).toBeGreaterThan(Number(sent[0]?.dueAt));
  });

  it('finds those among many that Postgres cannot take, and sends the others', async () => {
    await addDue(50);
    await database.dataSource.query(
      `UPDATE schedule_entry SET options = '{"queue":"a\\u0000"}' WHERE name IN ('e7', 'e31', 'e32')`,
    );
    const { book, untilSent } = await start();
    await untilSent((ticks) => ticks.length === 47);
    const disabled = async (): Promise<string[]> =>
      (await book.list()).filter(({ problem }) => problem !== null).map(({ name }) => name);
    while ((await disabled()).length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(await disabled()).toEqual(['e31', 'e32', 'e7']);
    expect(await database.dataSource.query('SELECT FROM task')).toHaveLength(47);
  });

  it('looks again soon for what another one has in hand, which may die', async () => {
    await addDue(1);
    const look = (dataSource: DataSource) => dataSource.transaction((manager) => takeDue(manager, 10));
    const other = database.dataSource.createQueryRunner();
    await other.startTransaction();
    expect((await takeDue(other.manager, 10)).entries).toMatchObject([{ row: { name: 'e1' }, isRunning: false }]);
    expect(await look(database.dataSource)).toMatchObject({ entries: [], nextInMs: 1000 });
    await other.rollbackTransaction();
    await other.release();
    expect(await look(database.dataSource)).toMatchObject({ entries: [{ row: { name: 'e1' } }], nextInMs: null });
  });

  it('reads no more of ten thousand entries than are due, by their index', async () => {
    const { dataSource } = database;
    await addDue(10_000);
    await dataSource.query(`UPDATE schedule_entry SET next_run_at = now() + interval '1 day' WHERE name > 'e1001'`);
    await dataSource.query('VACUUM ANALYZE schedule_entry');
    const plan = await dataSource.query(`EXPLAIN ${TAKE_DUE.replace('$1', '1000')}`);
    expect(JSON.stringify(plan)).toContain('schedule_entry_next_run_at');
    expect(JSON.stringify(plan)).not.toContain('Seq Scan');
  });

  it('does what a change says that was waiting for it', async () => {
    await addDue(1);
    const { book } = await start(false);
    const other = database.dataSource.createQueryRunner();
    await other.startTransaction();
    await takeDue(other.manager, 10);
    const changed = book.change('e1', { kwargs: { to: 'b' } });
    await other.query(`UPDATE schedule_entry SET next_run_at = '2100-01-01', total_runs = 1 WHERE name = 'e1'`);
    await other.commitTransaction();
    await other.release();
    expect(await changed).toMatchObject({ kwargs: { to: 'b' }, totalRuns: 1, nextRunAt: new Date('2100-01-01') });
  });

  it('sends at the first time of an entry that was removed and is there again', async () => {
    const { book, untilSent } = await start();
    await book.add(everySecond('a'));
    await untilSent((ticks) => ticks.length === 1);
    await book.remove('a');
    const sentBefore = (await untilSent(() => true)).length;
    const { nextRunAt } = await book.add(everySecond('a'));
    const sent = await untilSent((ticks) => ticks.length > sentBefore);
    expect(sent[sentBefore]?.dueAt).toEqual(nextRunAt);
  });

  it('goes on when what has failed is well again, and says once that it waits', async () => {
    const { book, untilSent, log } = await start();
    const waits = (): string[] => log.filter((line) => line.includes('periodic tasks wait'));
    await database.dataSource.query('ALTER TABLE schedule_tick RENAME TO elsewhere');
    await book.add(everySecond('a'));
    while (waits().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await database.dataSource.query('ALTER TABLE elsewhere RENAME TO schedule_tick');
    await untilSent((ticks) => ticks.length >= 2);
    expect(waits()).toHaveLength(1);
  });

  it('sends also while old times cannot be forgotten, and says so once', async () => {
    await database.dataSource.query('ALTER TABLE schedule_tick RENAME COLUMN created_at TO made_at');
    const { book, untilSent, log } = await start();
    await book.add(everySecond('a'));
    await untilSent((ticks) => ticks.length >= 3);
    expect(log.filter((line) => line.startsWith('warn '))).toEqual([expect.stringMatching(/cannot be forgotten now/)]);
  });

  it('listens anew when the connection is dead that it listens on, though nobody said so', async () => {
    const proxy = await TcpProxy.to(database.url);
    const { extra } = impatientPostgres;
    const dataSource = await new DataSource({
      type: 'postgres',
      url: proxy.url,
      extra: { ...extra, query_timeout: 200 },
    }).initialize();
    const heard: true[] = [];
    let tell = (): void => undefined;
    const untilHeard = async (count: number): Promise<void> => {
      while (heard.length < count) await new Promise<void>((resolve) => (tell = resolve));
    };
    const onChange = (): void => {
      heard.push(true);
      tell();
    };
    const listener = new ChangeListener(dataSource, onChange, 100);
    listener.start();
    await untilHeard(1);
    proxy.freeze();
    await untilHeard(2);
    await database.dataSource.query('NOTIFY celeriac_schedule');
    await untilHeard(3);
    await listener.stop();
    await dataSource.destroy();
    await proxy.close();
  });
});
