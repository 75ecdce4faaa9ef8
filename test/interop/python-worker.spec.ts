import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TaskFailedError } from '@celeriac/tasks';
import { describeWithCelery } from '../fixtures/interop-app.js';
import { PythonCelery } from '../fixtures/python-celery.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const queue = 'python';

describeWithCelery('a Python worker that runs our tasks', (python) => {
  let app: TaskApp;
  let celery: PythonCelery;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [], worker: null });
    celery = new PythonCelery(python, app.vhost.brokerUrl);
  });

  afterAll(async () => {
    await celery.stop();
    await app.drop();
  });

  it('gets what was sent before it was ever there, and later tasks; they end as it says', async () => {
    const early = await app.tasks.sendTask('python.double', [21], {}, { queue });
    await app.untilLogged(/no queue for exchange "" and routing key "python"/);
    await celery.startWorker();
    await app.database.dataSource.query('UPDATE outbox SET due_at = now()');
    expect(await early.get()).toBe(42);
    const named = await app.tasks.sendTask('python.double', [], { x: 'ha' }, { queue });
    expect(await named.get()).toBe('haha');
    expect(await app.database.dataSource.query('SELECT FROM outbox')).toEqual([]);
  });

  it('fails with its exception as data', async () => {
    const task = await app.tasks.sendTask('python.fail', [], {}, { queue });
    const error = await task.get().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({
      error: { type: 'ValueError', message: "('boom', 42)", stack: expect.stringContaining('Traceback') },
    });
  });

  it('says that it does not know a task', async () => {
    const task = await app.tasks.sendTask('python.no_such_task', [], {}, { queue });
    await expect(task.get()).rejects.toMatchObject({
      error: { type: 'NotRegistered', message: 'python.no_such_task' },
    });
  });

  it('tells of start, retry and progress on the way', async () => {
    const options = { queue, timeLimit: 300, softTimeLimit: 200 };
    const task = await app.tasks.sendTask('python.describe', ['a mail'], {}, options);
    expect(await task.get()).toEqual({ value: 'a mail', 'not a number': null });
    expect(await task.progress()).toEqual({ state: 'DESCRIBING', meta: { value: 'a mail' } });
    expect(await app.rowOf(task.id)).toMatchObject({ started_at: expect.any(Date), finished_at: expect.any(Date) });
  });

  it('does not run what has expired, and says so', async () => {
    const task = await app.tasks.sendTask('python.double', [1], {}, { queue, expires: new Date(0) });
    await expect(task.get()).rejects.toMatchObject({ name: 'ResultRevokedError' });
  });
});
