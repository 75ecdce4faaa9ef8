import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineTask } from '@celeriac/tasks';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { createScheduleDatabase, everySecond, startScheduleApp, type ScheduleApp } from '../fixtures/schedule-app.js';
import type { TaskDatabase } from '../fixtures/task-database.js';

const input = z.object({});
const digest = defineTask({ name: 'test.digest', input, queue: 'work' });
const unique = defineTask({ name: 'test.unique', input, queue: 'work', uniqueFor: 3600 });

describe('a time at which nothing is sent', () => {
  let database: TaskDatabase;
  let app: ScheduleApp;
  let metrics: Registry;

  beforeEach(async () => {
    database = await createScheduleDatabase();
    metrics = new Registry();
    app = await startScheduleApp(database, { contracts: [digest, unique], metrics });
  });

  afterEach(async () => {
    await app.close();
    await database.drop();
  });

  /** Resolves when an entry was due so often, whether or not a task was sent. */
  async function untilDue(entry: string, times: number): Promise<Array<string | null>> {
    for (;;) {
      const ticks: Array<{ task_id: string | null }> = await database.dataSource.query(
        'SELECT task_id FROM schedule_tick WHERE entry = $1 ORDER BY due_at',
        [entry],
      );
      if (ticks.length >= times) return ticks.map(({ task_id: id }) => id);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  function endTask(id: string): Promise<unknown> {
    return database.dataSource.query(`UPDATE task SET state = 'SUCCESS' WHERE id = $1`, [id]);
  }

  async function ticksBy(outcome: string): Promise<number> {
    const { values = [] } = (await metrics.getSingleMetric('celeriac_beat_ticks_total')?.get()) ?? {};
    return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
  }

  it('since a unique task is still there, counts as none that was sent', async () => {
    await app.book.add(everySecond('holder', { task: 'test.unique', oneOff: true }));
    const [held] = await app.untilSent((ticks) => ticks.length === 1);
    await app.book.add(everySecond('other', { task: 'test.unique' }));
    const ids = await untilDue('other', 2);
    expect(new Set(ids)).toEqual(new Set([held?.taskId]));
    expect(await app.book.get('other')).toMatchObject({ totalRuns: 0, lastTaskId: null, lastRunAt: null });
    expect(await app.untilSent(() => true)).toHaveLength(1);
    const line = app.log.find((each) => each.startsWith('log Not sent: '));
    expect(line).toContain(`task ${held?.taskId} (unique) is still there (test.unique, entry "other", due 2`);
    expect(await app.book.runNow('other')).toBe(held?.taskId);
    expect(await app.book.get('other')).toMatchObject({ totalRuns: 0, lastTaskId: null });
  });

  it('is not the only time of an entry that is for one time: it goes on until its task was sent', async () => {
    await app.book.add(everySecond('once', { oneOff: true, overlap: 'skip', enabled: false }));
    const running = await app.book.runNow('once');
    await app.book.enable('once');
    expect((await untilDue('once', 2)).slice(0, 2)).toEqual([null, null]);
    expect(await app.book.get('once')).toMatchObject({ enabled: true, totalRuns: 1, lastTaskId: running });
    await endTask(running);
    const [sent] = await app.untilSent((ticks) => ticks.length === 1);
    expect(await app.book.get('once')).toMatchObject({ enabled: false, totalRuns: 2, lastTaskId: sent?.taskId });
  });

  it('is the same for a unique task: an entry for one time has run when its own was sent', async () => {
    await app.book.add(everySecond('holder', { task: 'test.unique', oneOff: true }));
    const [held] = await app.untilSent((ticks) => ticks.length === 1);
    await app.book.add(everySecond('once', { task: 'test.unique', oneOff: true }));
    await untilDue('once', 1);
    await endTask(held?.taskId ?? '');
    const sent = await app.untilSent((ticks) => ticks.length === 2);
    expect(await app.book.get('once')).toMatchObject({ enabled: false, totalRuns: 1, lastTaskId: sent[1]?.taskId });
  });

  it('is counted by what became of it, and lateness by what was sent', async () => {
    await app.book.add(everySecond('one', { overlap: 'skip' }));
    await app.book.add(everySecond('holder', { task: 'test.unique', oneOff: true }));
    await app.untilSent((ticks) => ticks.length === 2);
    await app.book.add(everySecond('two', { task: 'test.unique' }));
    await app.book.add(everySecond('bad'));
    await database.dataSource.query(`UPDATE schedule_entry SET task = 'test.gone' WHERE name = 'bad'`);
    while ((await ticksBy('skipped')) < 1 || (await ticksBy('held')) < 1 || (await ticksBy('refused')) < 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await ticksBy('sent')).toBe(2);
    const text = await metrics.metrics();
    expect(text).toContain('celeriac_beat_lateness_seconds_count 2');
    expect(text).toContain('celeriac_beat_entries_disabled_total 1');
    expect(text).not.toContain('holder');
  });
});

describe('a task that the app does not know', () => {
  let database: TaskDatabase;
  let app: ScheduleApp;

  beforeEach(async () => {
    database = await createScheduleDatabase();
    const taskRoutes = {
      'python.*': { queue: 'python', exchange: '' },
      'fan.*': { exchange: 'news', routingKey: 'all' },
    };
    app = await startScheduleApp(database, { contracts: [digest], taskRoutes });
  });

  afterEach(async () => {
    await app.close();
    await database.drop();
  });

  it('goes where a route says', async () => {
    await app.book.add(everySecond('a', { task: 'python.resize', args: [1] }));
    const [sent] = await app.untilSent((ticks) => ticks.length === 1);
    const rows = await database.dataSource.query('SELECT name, queue FROM task WHERE id = $1', [sent?.taskId]);
    expect(rows).toEqual([{ name: 'python.resize', queue: 'python' }]);
    expect(await app.book.add(everySecond('b', { task: 'fan.out' }))).toMatchObject({ enabled: true });
  });

  it('is sent with others of its name, and without the one that makes no sense', async () => {
    await database.dataSource.query(
      `INSERT INTO schedule_entry (name, task, options, schedule, next_run_at)
       SELECT name, 'python.resize', options::json, '{"type":"clocked","at":"2026-01-01T00:00:00Z"}', now()
       FROM (VALUES ('a', '{}'), ('b', '{"priority":999}'), ('c', '{"queue":"other"}')) AS entry(name, options)`,
    );
    await database.dataSource.query('NOTIFY celeriac_schedule');
    const sent = await app.untilSent((ticks) => ticks.length === 2);
    expect(sent.map(({ entry }) => entry).toSorted()).toEqual(['a', 'c']);
    expect(await app.book.get('b')).toMatchObject({ enabled: false, problem: expect.stringMatching(/priority=999/) });
    const rows = await database.dataSource.query('SELECT queue FROM task ORDER BY queue');
    expect(rows).toEqual([{ queue: 'other' }, { queue: 'python' }]);
  });

  it('is refused when nobody says where it goes', async () => {
    await expect(app.book.add(everySecond('a', { task: 'test.digset' }))).rejects.toMatchObject({
      issues: [
        {
          field: 'task',
          problem:
            'the app knows no task "test.digset" (its tasks: test.digest); one that other workers run needs options.queue, or a route',
        },
      ],
    });
  });
});
