import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RESULTS_QUEUE, TaskContext, TaskFailedError, TaskHandler, defineTask } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Reconciler } from '../../libs/tasks/src/upkeep/reconciler.js';
import { ForeignWorker } from '../fixtures/foreign-worker.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const ours = defineTask({ name: 'test.ours', queue: 'work', input: z.object({}) });

@Injectable()
class OurHandler {
  private finish: () => void = () => undefined;
  private started: () => void = () => undefined;

  @TaskHandler(ours)
  async run(_input: object, _task: TaskContext): Promise<string> {
    await new Promise<void>((resolve) => {
      this.finish = resolve;
      this.started();
    });
    return 'ours';
  }

  waiting(): Promise<() => void> {
    return new Promise((resolve) => (this.started = () => resolve(() => this.finish())));
  }
}

describe('a task whose code is elsewhere', () => {
  let app: TaskApp;
  let worker: ForeignWorker;

  beforeAll(async () => {
    // Without a worker of its own.
    app = await startTaskApp({ providers: [], worker: null });
  });

  beforeEach(async () => {
    worker = await ForeignWorker.start(app.vhost);
  });

  afterEach(() => worker.stop());

  afterAll(() => app.drop());

  it("waits in the outbox while there is no queue, which is not ours to declare, and then comes as Celery's own", async () => {
    const { id } = await app.tasks.sendTask('shop.bill', [1, 'a'], { urgent: true }, { timeLimit: 300, priority: 3 });
    await app.untilLogged(/no queue for exchange "" and routing key "celery"/);
    expect(await app.rowOf(id)).toMatchObject({ state: 'PENDING' });
    await worker.declareQueue();
    await app.database.dataSource.query('UPDATE outbox SET due_at = now()');
    const { properties, content } = await worker.nextTask();
    expect(properties).toMatchObject({
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      correlationId: id,
      replyTo: RESULTS_QUEUE,
      priority: 3,
      headers: { id, root_id: id, task: 'shop.bill', retries: 0, timelimit: [300, null], ignore_result: false },
    });
    expect(JSON.parse(content.toString())).toMatchObject([[1, 'a'], { urgent: true }, {}]);
  });

  it.each([
    ['a queue', { queue: 'python' }, ['', 'python']],
    ['an exchange', { exchange: 'amq.topic', routingKey: 'shop.bill' }, ['amq.topic', 'shop.bill']],
  ])('goes to %s of its own', async (_what, options, to) => {
    const { id } = await app.tasks.sendTask('shop.bill', [], {}, { ...options, countdown: 3600 });
    const [row] = await app.database.dataSource.query('SELECT exchange, routing_key FROM outbox WHERE task_id = $1', [
      id,
    ]);
    expect([row.exchange, row.routing_key]).toEqual(to);
  });

  it('ends as its worker says, which it takes from the results queue', async () => {
    await worker.declareQueue();
    const good = await app.tasks.sendTask('shop.bill');
    const bad = await app.tasks.sendTask('shop.bill');
    const gone = await app.tasks.sendTask('shop.bill');
    const done = Promise.all([good.get(), bad.get().catch(thrown), gone.get().catch(thrown)]);
    worker.say(RESULTS_QUEUE, good.id, ['SUCCESS', { total: 5 }]);
    worker.say(RESULTS_QUEUE, bad.id, [
      'FAILURE',
      { exc_type: 'ValueError', exc_message: ['boom', 42], exc_module: 'builtins' },
      'Traceback ...',
    ]);
    worker.say(RESULTS_QUEUE, gone.id, ['REVOKED', { exc_type: 'TaskRevokedError', exc_message: ['revoked'] }]);
    const [result, failure, revoked] = await done;
    expect(result).toEqual({ total: 5 });
    expect(failure).toBeInstanceOf(TaskFailedError);
    expect(failure).toMatchObject({ error: { type: 'ValueError', message: "('boom', 42)", stack: 'Traceback ...' } });
    expect(revoked).toMatchObject({ name: 'ResultRevokedError' });
    expect(await app.rowOf(good.id)).toMatchObject({ finished_at: expect.any(Date), wait_reason: null });
  });

  it('shows on the way what its worker says of it', async () => {
    const task = await app.tasks.sendTask('shop.bill', [], {}, { queue: 'python' });
    worker.say(RESULTS_QUEUE, task.id, ['STARTED', { pid: 1, hostname: 'w@py' }]);
    const started = await app.untilState(task.id, 'STARTED');
    expect(started.started_at).toEqual(expect.any(Date));
    worker.say(RESULTS_QUEUE, task.id, ['RETRY', { exc_type: 'OSError', exc_message: ['away'] }]);
    expect(await app.untilState(task.id, 'RETRY')).toMatchObject({ error: { type: 'OSError', message: 'away' } });
    worker.say(RESULTS_QUEUE, task.id, ['STARTED'], ['HALFWAY', { done: 3 }]);
    await app.untilRow(task.id, ({ progress }) => progress !== null);
    expect([await task.state(), await task.progress()]).toEqual(['STARTED', { state: 'HALFWAY', meta: { done: 3 } }]);
    // One message right after the other, they may be written together: the end counts.
    worker.say(RESULTS_QUEUE, task.id, ['ALMOST', 4], ['SUCCESS', 5], ['STARTED'], ['FAILURE', {}]);
    expect(await task.get()).toBe(5);
    expect(await task.progress()).toEqual({ state: 'ALMOST', meta: 4 });
  });

  it('is not sent again by the reconciler, however long it takes', async () => {
    const task = await app.tasks.sendTask('shop.bill', [], {}, { queue: 'python' });
    await app.database.dataSource.query(`DELETE FROM outbox WHERE task_id = $1`, [task.id]);
    await app.database.dataSource.query(`UPDATE task SET created_at = now() - interval '1 day' WHERE id = $1`, [
      task.id,
    ]);
    expect(await app.get(Reconciler).runOnce()).toBe(0);
    expect(await app.database.dataSource.query('SELECT FROM outbox WHERE task_id = $1', [task.id])).toEqual([]);
    worker.say(RESULTS_QUEUE, task.id, ['SUCCESS']);
    expect(await task.get()).toBeNull();
  });

  it("is not changed by what comes late, twice, for nobody, or is no result; and takes no notice of others' faults", async () => {
    const task = await app.tasks.sendTask('shop.bill', [], {}, { queue: 'python' });
    worker.say(RESULTS_QUEUE, task.id, ['SUCCESS', 1]);
    expect(await task.get()).toBe(1);
    worker.say(RESULTS_QUEUE, task.id, ['SUCCESS', 2], ['RETRY', {}]);
    worker.say(RESULTS_QUEUE, 'nobody', ['SUCCESS', 2]);
    worker.say(RESULTS_QUEUE, 'nul\0nul', ['SUCCESS', 2]);
    worker.send(RESULTS_QUEUE, 'no json', 'some-id');
    worker.send(RESULTS_QUEUE, '{"status": "SUCCESS"}');
    await app.untilLogged(/is no result, and is dropped: .*some-id.*JSON/);
    await app.untilLogged(/is no result, and is dropped: .*task_id/);
    await app.untilLogged(/cannot be stored, and is dropped/);
    await app.untilLogged(/for task nobody, which is not in this database/);
    const next = await app.tasks.sendTask('shop.bill', [], {}, { queue: 'python' });
    worker.send(RESULTS_QUEUE, `{"task_id": "${next.id}", "status": "SUCCESS", "result": [NaN, "NaN", -Infinity]}`);
    expect(await next.get()).toEqual([null, 'NaN', null]);
    expect(await app.rowOf(task.id)).toMatchObject({ state: 'SUCCESS', result: 1 });
    expect(await worker.messageCount(RESULTS_QUEUE)).toBe(0);
  });

  it('has the options of other calls too', async () => {
    const first = await app.tasks.sendTask('shop.bill', [], {}, { queue: 'python', idempotencyKey: 'bill-1' });
    const second = await app.tasks.sendTask('shop.bill', [], {}, { queue: 'python', idempotencyKey: 'bill-1' });
    expect(second).toMatchObject({ id: first.id, duplicate: true });
    await expect(app.tasks.sendTask('shop.bill', [], {}, { expires: 0 })).rejects.toThrow(/shop.bill.*expires=0/);
    const undone = app.database.dataSource.transaction(async (manager) => {
      await app.tasks.within(manager).sendTask('shop.bill', [], {}, { taskId: 'undone' });
      throw new Error('never mind');
    });
    await expect(undone).rejects.toThrow('never mind');
    expect(await app.rowOf('undone')).toBeUndefined();
  });
});

describe('a task of ours', () => {
  let app: TaskApp;
  let worker: ForeignWorker;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [OurHandler] });
    worker = await ForeignWorker.start(app.vhost);
  });

  afterAll(async () => {
    await worker.stop();
    await app.drop();
  });

  it.each([
    ['', () => app.tasks.delay(ours, {})],
    [', also when it was sent as if it were elsewhere', () => app.tasks.sendTask(ours.name, [], {}, { queue: 'work' })],
  ])('cannot be ended by a message while it runs%s', async (_how, send) => {
    const waiting = app.get(OurHandler).waiting();
    const task = await send();
    const finish = await waiting;
    const foreign = await app.tasks.sendTask('shop.bill', [], {}, { queue: 'python' });
    worker.say(RESULTS_QUEUE, task.id, ['SUCCESS', 'forged']);
    worker.say(RESULTS_QUEUE, foreign.id, ['SUCCESS', 'after it']);
    expect(await foreign.get()).toBe('after it');
    expect(await task.state()).toBe('STARTED');
    finish();
    expect(await task.get()).toBe('ours');
  });

  it('cannot be ended by a message while it waits', async () => {
    const task = await app.tasks.applyAsync(ours, {}, { countdown: 3600 });
    const foreign = await app.tasks.sendTask('shop.bill', [], {}, { queue: 'python' });
    worker.say(RESULTS_QUEUE, task.id, ['FAILURE', {}]);
    worker.say(RESULTS_QUEUE, foreign.id, ['SUCCESS', 'after it']);
    expect(await foreign.get()).toBe('after it');
    expect(await task.state()).toBe('PENDING');
  });
});

const thrown = (error: unknown): unknown => error;
