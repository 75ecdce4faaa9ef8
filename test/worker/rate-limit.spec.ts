import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { defineTask, InvalidTaskOptionError, TaskHandler } from '@celeriac/tasks';
import { z } from 'zod';
import { startTaskApp, type TaskApp, type TaskAppOptions } from '../fixtures/task-app.js';

const input = z.object({ customer: z.string(), plan: z.string().default('free') });
type Input = z.output<typeof input>;
const frequent = defineTask({ name: 'test.frequent', queue: 'work', input, rateLimit: '5/s' });
const rare = defineTask({ name: 'test.rare', queue: 'work', input, rateLimit: '1/h' });
const free = defineTask({ name: 'test.free', queue: 'work', input });
const keyed = defineTask({
  name: 'test.keyed',
  queue: 'work',
  input,
  rateLimit: '1/h',
  rateLimitKey: ({ customer, plan }) => {
    if (customer === 'nobody') throw new Error('Who is that?');
    return `${plan}:${customer}`;
  },
});

@Injectable()
class Handlers {
  @TaskHandler(frequent)
  frequent(): void {}

  @TaskHandler(rare)
  rare(): void {}

  @TaskHandler(free)
  free(): void {}

  @TaskHandler(keyed)
  keyed(): void {}
}

describe('a rate limit', () => {
  const apps: TaskApp[] = [];

  afterEach(async () => {
    for (const app of apps.splice(0).toReversed()) await app.drop();
  });

  async function start(options: Partial<TaskAppOptions> = {}): Promise<TaskApp> {
    const app = await startTaskApp({ providers: [Handlers], ...options });
    apps.push(app);
    return app;
  }

  async function send(app: TaskApp, contract: typeof rare, count: number, customer = 'ann'): Promise<string[]> {
    const calls = Array.from({ length: count }, () => ({ input: { customer } as Input }));
    return (await app.tasks.enqueueMany(contract, calls)).map(({ id }) => id);
  }

  async function query<Row>(app: TaskApp, sql: string): Promise<Row[]> {
    return (await app.database.dataSource.query(sql)) as Row[];
  }

  /** Waits until so many tasks of this name are in this state, or wait for a slot. */
  async function untilThereAre(app: TaskApp, count: number, what: string, name: string): Promise<void> {
    for (;;) {
      const rows = await query(app, `SELECT FROM task WHERE '${what}' IN (state, wait_reason) AND name = '${name}'`);
      if (rows.length === count) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('is one for all workers: no task starts before its time', async () => {
    const first = await start();
    const second = await start({ beside: first });
    await Promise.all([send(first, frequent, 6), send(second, frequent, 6)]);
    await untilThereAre(first, 12, 'SUCCESS', frequent.name);
    const starts = await query<{ ms: number }>(
      first,
      `SELECT extract(epoch FROM started_at - (SELECT min(started_at) FROM task))::float8 * 1000 AS ms
       FROM task ORDER BY started_at`,
    );
    for (const [index, { ms }] of starts.entries()) expect(ms).toBeGreaterThanOrEqual(index * 200);
    // Once to get a slot, once to run.
    expect(await query(first, 'SELECT FROM task WHERE generation > 1 OR attempt > 1')).toEqual([]);
  });

  it('does not have a flood hold up other tasks of the queue', async () => {
    const app = await start();
    const ids = await send(app, rare, 2000);
    const [other = ''] = await send(app, free, 1);
    await app.untilState(other, 'SUCCESS');
    await untilThereAre(app, 1999, 'rate_limited', rare.name);
    expect(await query(app, 'SELECT FROM task WHERE generation > 1')).toEqual([]);
    const given = await query<{ id: string; hours: number }>(
      app,
      `SELECT id, extract(epoch FROM due_at - (SELECT started_at FROM task WHERE name = 'test.rare' AND attempt = 1))::float8 / 3600
         AS hours FROM task WHERE wait_reason = 'rate_limited' ORDER BY due_at`,
    );
    expect(given.map(({ hours }) => hours)).toEqual(Array.from({ length: 1999 }, (_, index) => index + 1));
    const last = given.at(-1)?.id ?? '';
    expect(ids).toContain(last);
    const dueAt = (await app.rowOf(last))?.due_at;
    expect(await app.tasks.explain(last)).toMatchObject({ reason: 'rate_limited', dueAt });
  });

  it('is kept for each key of the checked input; a key function that throws loses no task', async () => {
    const app = await start();
    for (const customer of ['ann', 'bob', 'nobody']) await send(app, keyed, 2, customer);
    await untilThereAre(app, 3, 'SUCCESS', keyed.name);
    await untilThereAre(app, 3, 'rate_limited', keyed.name);
    const buckets = await query<{ key: string }>(app, 'SELECT key FROM rate_bucket ORDER BY key');
    expect(buckets).toEqual([{ key: '' }, { key: 'free:ann' }, { key: 'free:bob' }]);
    expect(await app.untilLogged(/has no rateLimitKey: Error: Who is that/)).toContain('warn');
  });

  it('is changed by annotations', async () => {
    const annotations = { 'test.rare': { rateLimit: null }, 'test.free': { rateLimit: '2/h' } };
    const app = await start({ annotations, contracts: [rare, free, keyed, frequent] });
    await send(app, rare, 5);
    await send(app, free, 5);
    await untilThereAre(app, 5, 'SUCCESS', rare.name);
    await untilThereAre(app, 4, 'rate_limited', free.name);
  });

  it('is changed while running: for a worker that runs, one that starts later, and those that wait', async () => {
    const app = await start();
    await send(app, free, 3);
    await untilThereAre(app, 3, 'SUCCESS', free.name);
    await app.tasks.setRateLimit(free, '1/h');
    await send(app, free, 4);
    await untilThereAre(app, 3, 'rate_limited', free.name);
    const later = await start({ beside: app });
    await send(later, free, 3);
    await untilThereAre(app, 6, 'rate_limited', free.name);

    await app.tasks.setRateLimit('test.free', '20/s');
    await untilThereAre(app, 10, 'SUCCESS', free.name);
    await app.tasks.setRateLimit(free, null);
    await send(app, free, 50);
    await untilThereAre(app, 60, 'SUCCESS', free.name);
    await expect(app.tasks.setRateLimit(free, 'often')).rejects.toThrow(InvalidTaskOptionError);
  });

  it('holds over a restart of every worker', async () => {
    const app = await start();
    await send(app, rare, 3);
    await untilThereAre(app, 2, 'rate_limited', rare.name);
    await app.close();
    const next = await start({ beside: app });
    await send(next, rare, 1);
    await untilThereAre(next, 3, 'rate_limited', rare.name);
    await untilThereAre(next, 1, 'SUCCESS', rare.name);
  });
});
