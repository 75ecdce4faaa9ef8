import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { defineTask } from '@celeriac/tasks';
import { z } from 'zod';
import { describeWithCelery, InteropHandlers } from '../fixtures/interop-app.js';
import { PythonCelery } from '../fixtures/python-celery.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

/** Ours to declare, and Python's to consume: this one does not get along with quorum queues. */
const LETTERS = 'letters';

const double = defineTask({ name: 'python.double', input: z.object({ x: z.number() }), queue: LETTERS });

describeWithCelery('a Python worker of a classic queue that we declare', (python) => {
  let app: TaskApp;
  let celery: PythonCelery;

  beforeAll(async () => {
    app = await startTaskApp({
      providers: [InteropHandlers],
      topology: { queues: [{ name: LETTERS, type: 'classic' }] },
      taskRoutes: { 'python.*': { queue: LETTERS, exchange: '' } },
    });
    celery = new PythonCelery(python, app.vhost.brokerUrl);
  });

  afterAll(async () => {
    await celery.stop();
    await app.drop();
  });

  it('runs what waited in it, and what comes later', async () => {
    const early = await app.tasks.delay(double, { x: 21 });
    await celery.startWorker(LETTERS);
    expect(await early.get()).toBe(42);
    expect(await (await app.tasks.delay(double, { x: 1 })).get()).toBe(2);
  });

  it('gets by its route what names no queue: a call, and a part of a canvas', async () => {
    expect(await (await app.tasks.sendTask('python.double', [4])).get()).toBe(8);
    const answer = await celery.run(`
last = chain(add.s(2, 3), double.s(), add.s(1)).apply_async()
answer(last.get(timeout=30))`);
    expect(answer).toBe(11);
  });
});
