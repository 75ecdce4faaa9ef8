import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Periodic, type Entry, type NewEntry } from '@celeriac/schedule';
import { defineTask, TaskHandler } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { createScheduleDatabase, startScheduleApp, type ScheduleApp } from '../fixtures/schedule-app.js';
import type { TaskDatabase } from '../fixtures/task-database.js';

const digest = defineTask({ name: 'test.digest', input: z.object({ to: z.string() }), queue: 'work' });
const crontab = (text: string, timezone = 'UTC') => ({ type: 'crontab', crontab: text, timezone }) as const;
const daily: NewEntry = {
  name: 'daily',
  task: 'test.digest',
  kwargs: { to: 'a@example.com' },
  schedule: crontab('0 7 * * *'),
};

@Injectable()
class DigestHandler {
  @TaskHandler(digest)
  @Periodic('0 7 * * MON', { timezone: 'Europe/Vienna', kwargs: { to: 'a@example.com' } })
  @Periodic(
    { type: 'solar', event: 'sunset', latitude: 48.2, longitude: 16.4 },
    { name: 'at sunset', kwargs: { to: 'b' } },
  )
  send(): void {}
}

@Injectable()
class NoHandler {
  @Periodic('0 7 * * *')
  send(): void {}
}

describe('entries of the code', () => {
  let database: TaskDatabase;

  beforeEach(async () => {
    database = await createScheduleDatabase();
  });

  afterEach(() => database.drop());

  /** Starts beat with code that asks for entries, does something, and stops it. @returns its log, and the entries */
  async function deploy(
    options: { entries?: NewEntry[]; reset?: boolean; providers?: Array<typeof DigestHandler | typeof NoHandler> },
    act: (app: ScheduleApp) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<{ log: string; entries: Entry[] }> {
    const app = await startScheduleApp(database, { contracts: [digest], ...options });
    try {
      const entries = await app.book.list();
      await act(app);
      return { log: app.log.filter((line) => line.includes('Entry')).join('\n'), entries };
    } finally {
      await app.close();
    }
  }

  it('come from @Periodic and from the options of the module', async () => {
    const { entries, log } = await deploy({ entries: [daily], providers: [DigestHandler] });
    expect(entries).toMatchObject([
      { name: 'at sunset', task: 'test.digest', schedule: { type: 'solar' } },
      { name: 'daily', task: 'test.digest', enabled: true },
      { name: 'test.digest', schedule: crontab('0 7 * * MON', 'Europe/Vienna'), kwargs: { to: 'a@example.com' } },
    ]);
    expect(log).toContain('Entry "daily" is new.');
  });

  it('follow the code when it changes, and keep their time when it does not', async () => {
    const first = await deploy({ entries: [daily] });
    const same = await deploy({ entries: [daily] });
    expect(same).toEqual({ log: '', entries: first.entries });
    const { log, entries } = await deploy({ entries: [{ ...daily, schedule: crontab('0 8 * * *') }] });
    expect(log).toBe('log Entry "daily" follows the code: schedule.');
    expect(entries).toMatchObject([{ schedule: crontab('0 8 * * *') }]);
    expect(entries[0]?.nextRunAt?.getUTCHours()).toBe(8);
  });

  it('keep what somebody has changed, field by field, and say so', async () => {
    await deploy({ entries: [daily] }, ({ book }) => book.change('daily', { schedule: crontab('0 9 * * *') }));
    const changed = { ...daily, schedule: crontab('0 8 * * *'), description: 'What was sent' };
    const { log, entries } = await deploy({ entries: [changed] });
    expect(log.split('\n')).toEqual([
      'log Entry "daily" follows the code: description.',
      'log Entry "daily" keeps what was changed in the database, against the code: schedule. --reset takes the code\'s.',
    ]);
    expect(entries).toMatchObject([{ schedule: crontab('0 9 * * *'), description: 'What was sent' }]);
    const again = await deploy({ entries: [changed] });
    expect(again.log).toMatch(/keeps .*: schedule\./);
  });

  it('stay disabled when somebody has disabled them, or taken their name', async () => {
    await deploy({ entries: [daily] }, ({ book }) => book.disable('daily'));
    const { entries } = await deploy({ entries: [daily] });
    expect(entries).toMatchObject([{ enabled: false, nextRunAt: null }]);
    await deploy({}, async ({ book }) => {
      await book.remove('daily');
      await book.add({ ...daily, description: 'mine' });
    });
    const taken = await deploy({ entries: [{ ...daily, description: "the code's" }] });
    expect(taken.entries).toMatchObject([{ description: 'mine' }]);
    expect(taken.log).toMatch(/keeps .*: description\./);
  });

  it('are as the code says after a reset', async () => {
    await deploy({ entries: [daily] }, async ({ book }) => {
      await book.change('daily', { schedule: crontab('0 9 * * *') });
      await book.disable('daily');
    });
    const { log, entries } = await deploy({ entries: [daily], reset: true }, ({ book }) => book.disable('daily'));
    expect(log).toBe('log Entry "daily" follows the code: schedule, enabled.');
    expect(entries).toMatchObject([{ enabled: true, schedule: daily.schedule, nextRunAt: expect.any(Date) }]);
    await deploy({}, async ({ book }) => {
      expect(await book.reset('daily')).toMatchObject({ enabled: true });
      await book.add({ ...daily, name: 'mine' });
      await expect(book.reset('mine')).rejects.toThrow(/does not come from the code/);
    });
  });

  it('do not begin anew when they have come to their end, unless the code gives them another time', async () => {
    const once: NewEntry = { ...daily, oneOff: true, schedule: { type: 'interval', every: 1, period: 'seconds' } };
    await deploy({ entries: [once] }, (app) => app.untilSent((ticks) => ticks.length === 1));
    const same = await deploy({ entries: [{ ...once, description: 'once' }] });
    expect(same.entries).toMatchObject([{ enabled: false, description: 'once', totalRuns: 1 }]);
    const later = await deploy({ entries: [{ ...once, schedule: daily.schedule }] });
    expect(later.entries).toMatchObject([{ enabled: true, nextRunAt: expect.any(Date) }]);
  });

  it('are enabled again when beat had disabled them, since the code has been checked', async () => {
    await deploy({ entries: [daily] });
    await database.dataSource.query(`UPDATE schedule_entry SET enabled = false, next_run_at = NULL, problem = 'gone'`);
    const { entries } = await deploy({ entries: [daily] });
    expect(entries).toMatchObject([{ enabled: true, problem: null, nextRunAt: expect.any(Date) }]);
  });

  it('keep beat from starting when they make no sense', async () => {
    const started = (entries: NewEntry[]): Promise<unknown> => deploy({ entries });
    await expect(started([{ ...daily, schedule: crontab('0 7 31 2 *') }])).rejects.toThrow(
      /schedule.crontab.*never due/,
    );
    await expect(started([{ ...daily, kwargs: {} }])).rejects.toThrow(/kwargs.to/);
    await expect(started([{ ...daily, priority: 1 } as NewEntry])).rejects.toThrow(
      'used: Unrecognized key: "priority".',
    );
    await expect(started([daily, daily])).rejects.toThrow(
      'Entry "daily" cannot be used: name: the code has two of this name.',
    );
    await expect(deploy({ providers: [NoHandler] })).rejects.toThrow(/NoHandler.send is marked with @Periodic but/);
  });

  it('are written once when several beats start at the same time', async () => {
    const [one, other] = await Promise.all([deploy({ entries: [daily] }), deploy({ entries: [daily] })]);
    expect(`${one.log}${other.log}`).toBe('log Entry "daily" is new.');
    expect(one.entries).toEqual(other.entries);
  });
});
