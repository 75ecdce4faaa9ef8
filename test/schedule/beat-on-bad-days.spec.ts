import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineTask } from '@celeriac/tasks';
import { z } from 'zod';
import {
  createScheduleDatabase,
  everySecond,
  type ScheduleApp,
  type ScheduleDatabase,
} from '../fixtures/schedule-app.js';

const input = z.object({}).refine(() => {
  if (isBroken) throw new TypeError('a fault of the schema');
  return true;
});
let isBroken = false;
const digest = defineTask({ name: 'test.digest', input: z.object({}), queue: 'work' });
const gone = defineTask({ name: 'test.gone', input: z.object({}), queue: 'work' });
const faulty = defineTask({ name: 'test.faulty', input, queue: 'work' });

describe('beat, on bad days', () => {
  let database: ScheduleDatabase;

  beforeEach(async () => {
    isBroken = false;
    database = await createScheduleDatabase();
  });

  afterEach(() => database.drop());

  function start(contracts = [digest, gone, faulty], beat = true): Promise<ScheduleApp> {
    return database.start({ contracts, beat });
  }

  async function setBack(seconds: number): Promise<void> {
    await database.dataSource.query(`UPDATE schedule_entry SET next_run_at = next_run_at - $1 * interval '1 second'`, [
      seconds,
    ]);
  }

  it('disables an entry whose task the app knows no more, instead of sending it to nobody', async () => {
    const { book } = await start(undefined, false);
    await book.add(everySecond('a', { task: 'test.gone' }));
    await book.add(everySecond('b'));
    const beat = await start([digest]);
    await beat.untilSent((ticks) => ticks.some(({ entry }) => entry === 'b'));
    expect(await book.get('a')).toMatchObject({ enabled: false, problem: expect.stringMatching(/knows no task/) });
    expect(await database.dataSource.query(`SELECT FROM task WHERE name = 'test.gone'`)).toEqual([]);
  });

  it('goes on with the others when the code of one throws', async () => {
    const { book } = await start(undefined, false);
    await book.add(everySecond('a', { task: 'test.faulty' }));
    await book.add(everySecond('b'));
    isBroken = true;
    const beat = await start();
    await beat.untilSent((ticks) => ticks.some(({ entry }) => entry === 'b'));
    expect(await book.get('a')).toMatchObject({
      enabled: false,
      problem: expect.stringMatching(/a fault of the schema/),
    });
  });

  it('keeps a time that has come when a description is changed', async () => {
    const { book } = await start(undefined, false);
    const schedule = { type: 'interval', every: 1, period: 'hours', from: new Date(0) } as const;
    await book.add(everySecond('a', { schedule }));
    await setBack(3600);
    const { nextRunAt } = await book.get('a');
    expect(await book.change('a', { description: 'new' })).toMatchObject({ description: 'new', nextRunAt });
    const { nextRunAt: other } = await book.change('a', { schedule: { ...schedule, every: 2 } });
    expect(other?.getTime()).toBeGreaterThan(Number(nextRunAt));
  });

  it('makes up for what was missed one after the other only, where tasks may not overlap', async () => {
    const { book } = await start(undefined, false);
    await book.add(everySecond('a', { missed: 'all', overlap: 'skip' }));
    await setBack(10);
    const beat = await start();
    await beat.untilSent((ticks) => ticks.length >= 1);
    const ticks = await database.ticksOf('a');
    expect(ticks.length).toBeGreaterThan(8);
    expect(ticks.filter(({ task_id: id }) => id !== null)).toHaveLength(1);
  });

  it('forgets times of more than a month ago', async () => {
    await database.dataSource.query(
      `INSERT INTO schedule_tick (entry, due_at, created_at)
       SELECT 'old', day, day FROM generate_series(now() - interval '40 days', now(), interval '1 day') AS day`,
    );
    const { book, untilSent } = await start();
    await book.add(everySecond('a'));
    await untilSent((ticks) => ticks.length >= 2);
    expect((await database.ticksOf('old')).length).toBeLessThanOrEqual(31);
    expect((await database.ticksOf('old')).length).toBeGreaterThan(28);
  });

  it('outlives the end of the connection that it listens on', async () => {
    const app = await start();
    await database.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
    );
    await app.book.add(everySecond('a'));
    await app.untilSent((ticks) => ticks.length >= 1);
  });
});
