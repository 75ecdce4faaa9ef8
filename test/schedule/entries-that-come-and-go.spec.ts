import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NewEntry } from '@celeriac/schedule';
import { defineTask } from '@celeriac/tasks';
import { z } from 'zod';
import {
  createScheduleDatabase,
  type ScheduleApp,
  type ScheduleAppOptions,
  type ScheduleDatabase,
} from '../fixtures/schedule-app.js';

const known = defineTask({ name: 'test.known', input: z.object({}), queue: 'work' });
const added = defineTask({ name: 'test.added', input: z.object({}), queue: 'work' });

describe('entries that come and go', () => {
  let database: ScheduleDatabase;

  beforeEach(async () => {
    database = await createScheduleDatabase();
  });

  afterEach(() => database.drop());

  function start(entries: NewEntry[] = [], options: Partial<ScheduleAppOptions> = {}): Promise<ScheduleApp> {
    return database.start({ contracts: [known, added], entries, ...options });
  }

  function every(period: 'seconds' | 'days', task = 'test.known'): NewEntry {
    return { name: task, task, schedule: { type: 'interval', every: 1, period } };
  }

  it('stay when the code has them no more, and go on', async () => {
    const before = await start([every('seconds')]);
    await before.untilSent((sent) => sent.length > 0);
    await before.close();
    const app = await start();
    await app.untilSent((sent) => sent.length > 0);
    expect(await app.book.get('test.known')).toMatchObject({ enabled: true, declared: { name: 'test.known' } });
  });

  it('are there again when beat starts, if they were removed and come from the code', async () => {
    const { book } = await start([every('days')]);
    await book.remove('test.known');
    expect(await book.list()).toEqual([]);
    await start([every('days')]);
    expect(await book.list()).toMatchObject([{ name: 'test.known', enabled: true }]);
  });

  it('send nothing for the time in which they were disabled', async () => {
    const { book } = await start([], { beat: false });
    await book.add({ ...every('days'), missed: 'all' });
    await database.dataSource.query(`UPDATE schedule_entry SET next_run_at = now() - interval '3 days'`);
    await book.disable('test.known');
    await book.enable('test.known');
    await book.add(every('seconds', 'test.added'));
    await (await start()).untilSent((sent) => sent.length > 0);
    expect(await book.get('test.known')).toMatchObject({ enabled: true, totalRuns: 0 });
  });

  it('of a task that an older beat does not know are disabled by that one, and enabled when a newer one starts', async () => {
    await (await start([every('seconds', 'test.added')])).close();
    const { book, close } = await start([every('seconds')], { contracts: [known] });
    while ((await book.get('test.added')).enabled) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await book.get('test.added')).problem).toMatch(/the app knows no task "test.added"/);
    await close();
    const newer = await start([every('seconds', 'test.added')]);
    await newer.untilSent((sent) => sent.some(({ entry }) => entry === 'test.added'));
    expect(await newer.book.get('test.added')).toMatchObject({ enabled: true, problem: null });
  });
});
