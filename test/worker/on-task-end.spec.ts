import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defineTask, OnTaskEnd, PermanentTaskError, TaskContext, TaskHandler, type TaskEnd } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const queue = 'work';
const work = defineTask({
  name: 'test.work',
  queue,
  input: z.object({ how: z.string() }),
  maxRetries: 1,
  retryBackoff: 0,
  timeLimit: 0.2,
});
const other = defineTask({ name: 'test.other', queue, input: z.object({}) });

@Injectable()
class Handlers {
  @TaskHandler(work)
  async work({ how }: { how: string }, task: TaskContext): Promise<void> {
    if (how === 'retry') throw new Error('again');
    if (how === 'fail') throw new PermanentTaskError('no');
    if (how === 'ignore') task.ignore();
    if (how === 'hang') await new Promise(() => undefined);
  }

  @TaskHandler(other)
  async other(): Promise<void> {}
}

/** Keeps a row for each end, as an app would. */
@Injectable()
class Ends {
  /** Set: it refuses, and says so. */
  refuse: (() => void) | undefined;

  @OnTaskEnd(work)
  async ended(manager: EntityManager, ends: TaskEnd[]): Promise<void> {
    for (const { taskId, state, kwargs } of ends) {
      const [row] = (await manager.query('SELECT state FROM task WHERE id = $1', [taskId])) as Array<{ state: string }>;
      await manager.query('INSERT INTO ended VALUES ($1, $2, $3)', [taskId, `${state} ${row?.state}`, kwargs['how']]);
    }
    if (this.refuse === undefined) return;
    this.refuse();
    throw Object.assign(new Error('not now'), { code: '40001' });
  }
}

describe('what an app writes of the end of a task', () => {
  let app: TaskApp;
  let web: TaskApp;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [Handlers, Ends] });
    web = await startTaskApp({ providers: [Ends], worker: null, beside: app });
    await app.database.dataSource.query('CREATE TABLE ended (task_id text, state text, how text)');
  });

  beforeEach(() => app.database.dataSource.query('TRUNCATE ended'));

  afterAll(async () => {
    await web.drop();
    await app.drop();
  });

  const ended = (): Promise<unknown[]> => app.database.dataSource.query('SELECT task_id AS id, state, how FROM ended');

  it.each([
    ['succeed', 'SUCCESS'],
    ['ignore', 'SUCCESS'],
    ['fail', 'FAILURE'],
    ['retry', 'FAILURE'],
    ['hang', 'FAILURE'],
  ] as const)('is there with that, once: %s', async (how, state) => {
    const { id } = await app.tasks.delay(work, { how });
    await app.untilState(id, state);
    expect(await ended()).toEqual([{ id, state: `${state} ${state}`, how }]);
  });

  it('is there for input that is refused', async () => {
    const { id } = await app.tasks.sendTask('test.work', [], { how: 5 }, { queue });
    await app.untilState(id, 'FAILURE');
    expect(await ended()).toEqual([{ id, state: 'FAILURE FAILURE', how: '5' }]);
  });

  it('is there for a task that has expired', async () => {
    const { id } = await app.tasks.applyAsync(work, { how: 'late' }, { expires: new Date(Date.now() - 1000) });
    await app.untilState(id, 'REVOKED');
    expect(await ended()).toEqual([{ id, state: 'REVOKED REVOKED', how: 'late' }]);
  });

  it('is there for a revoke, in a process without a worker too', async () => {
    const { id } = await web.tasks.applyAsync(work, { how: 'wait' }, { countdown: 600 });
    expect(await web.tasks.revoke(id)).toBe('revoked');
    expect(await ended()).toEqual([{ id, state: 'REVOKED REVOKED', how: 'wait' }]);
  });

  it('is there for many that are revoked together, as by celeriac purge', async () => {
    const ids = [];
    for (const how of ['a', 'b']) ids.push((await web.tasks.applyAsync(work, { how }, { countdown: 600 })).id);
    expect(await web.tasks.revokeWaiting([...ids, 'nobody'])).toBe(2);
    expect(await ended()).toEqual(
      expect.arrayContaining(ids.map((id, index) => ({ id, state: 'REVOKED REVOKED', how: ['a', 'b'][index] }))),
    );
  });

  it('is tried again with the end', async () => {
    const ends = app.get(Ends);
    const refused = new Promise<void>((resolve) => (ends.refuse = resolve));
    const { id } = await app.tasks.delay(work, { how: 'succeed' });
    await refused;
    expect(await ended()).toEqual([]);
    expect(await app.rowOf(id)).toMatchObject({ state: 'STARTED' });
    ends.refuse = undefined;
    await app.untilState(id, 'SUCCESS');
    expect(await ended()).toEqual([{ id, state: 'SUCCESS SUCCESS', how: 'succeed' }]);
  });

  it('is asked of no other task', async () => {
    const { id } = await app.tasks.delay(other, {});
    await app.untilState(id, 'SUCCESS');
    expect(await ended()).toEqual([]);
  });
});
