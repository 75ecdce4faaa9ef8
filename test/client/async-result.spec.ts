import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  defineTask,
  InvalidTaskOutputError,
  PermanentTaskError,
  ResultRevokedError,
  ResultTimeoutError,
  TaskContext,
  TaskFailedError,
  TaskHandler,
  UnknownTaskError,
} from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const queue = 'work';
const sum = defineTask({
  name: 'test.sum',
  queue,
  input: z.object({ x: z.number(), y: z.number() }),
  output: z.object({ sum: z.number().max(100) }),
});
const fail = defineTask({
  name: 'test.fail',
  queue,
  input: z.object({ message: z.string() }),
  maxRetries: 1,
  retryBackoff: 0,
});
const wait = defineTask({ name: 'test.wait', queue, input: z.object({}) });

@Injectable()
class Handlers {
  private finish: () => void = () => undefined;
  sums = 0;

  @TaskHandler(sum)
  async sum({ x, y }: { x: number; y: number }): Promise<{ sum: number }> {
    this.sums += 1;
    // More than the contract knows of; the schema leaves it out.
    return Object.assign({ sum: x + y }, { steps: 1 });
  }

  @TaskHandler(fail)
  async fail({ message }: { message: string }, { attempt }: TaskContext): Promise<never> {
    throw attempt === 1 ? new RangeError(message) : new PermanentTaskError(`${message}, again`);
  }

  @TaskHandler(wait)
  async wait(_input: object, task: TaskContext): Promise<void> {
    task.updateState('PROGRESS', { done: 1 });
    await new Promise<void>((resolve) => (this.finish = resolve));
  }

  letGo(): void {
    this.finish();
  }
}

describe('an AsyncResult', () => {
  let app: TaskApp;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [Handlers] });
  });

  afterAll(() => app.drop());

  it('has what the handler returned, as the contract says', async () => {
    const result = await app.tasks.delay(sum, { x: 1, y: 2 });
    const output: { sum: number } = await result.get();
    expect(output).toEqual({ sum: 3 });
    expect([await result.state(), await result.successful(), await result.failed()]).toEqual(['SUCCESS', true, false]);
    expect(await app.tasks.result(result.id, sum).get()).toEqual({ sum: 3 });
  });

  it('fails for good when the handler returns what the contract does not allow', async () => {
    const sums = app.get(Handlers).sums;
    const result = await app.tasks.delay(sum, { x: 100, y: 1 });
    const error = await result.get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ error: { type: InvalidTaskOutputError.name } });
    expect((error as Error).message).toMatch(/test.sum returned .* sum: /);
    expect(app.get(Handlers).sums).toBe(sums + 1);
  });

  it('throws what the task ended with, as data; each run can be looked at', async () => {
    const result = await app.tasks.delay(fail, { message: 'no such order' });
    const error = await result.get().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({
      taskId: result.id,
      error: { type: 'PermanentTaskError', message: 'no such order, again' },
    });
    expect([await result.state(), await result.successful(), await result.failed()]).toEqual(['FAILURE', false, true]);
    const attempts = await result.attempts();
    expect(attempts).toMatchObject([
      { number: 1, outcome: 'RETRY', error: { type: 'RangeError', message: 'no such order' } },
      { number: 2, outcome: 'FAILURE', error: { type: 'PermanentTaskError', message: 'no such order, again' } },
    ]);
    expect(attempts[0]).toMatchObject({ worker: expect.stringMatching(/^celery@/), startedAt: expect.any(Date) });
  });

  it('says what a task is that runs, gives up waiting when told to, and forgets nothing of it', async () => {
    const result = await app.tasks.delay(wait, {});
    await app.untilRow(result.id, ({ progress }) => progress !== null);
    expect(await result.state()).toBe('STARTED');
    expect(await result.progress()).toEqual({ state: 'PROGRESS', meta: { done: 1 } });
    const error = await result.get({ timeoutMs: 1 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResultTimeoutError);
    expect(error).toMatchObject({ taskId: result.id, timeoutMs: 1 });
    expect(await result.forget()).toBe(false);
    app.get(Handlers).letGo();
    expect(await result.get()).toBeNull();
  });

  it('revokes its task, and says so to who waits for it', async () => {
    const result = await app.tasks.applyAsync(sum, { x: 1, y: 2 }, { countdown: 3600 });
    expect(await result.state()).toBe('PENDING');
    const waiting = result.get().catch((thrown: unknown) => thrown);
    expect(await result.revoke()).toBe('revoked');
    expect(await waiting).toBeInstanceOf(ResultRevokedError);
    expect(await waiting).toMatchObject({ taskId: result.id });
  });

  it('knows nothing of an id that is not there, and never calls it pending', async () => {
    const result = app.tasks.result('nobody');
    const asked = [
      result.state(),
      result.get(),
      result.progress(),
      result.attempts(),
      result.forget(),
      result.failed(),
    ];
    const answers = await Promise.allSettled(asked);
    expect(answers).toEqual(asked.map(() => ({ status: 'rejected', reason: expect.any(UnknownTaskError) })));
    expect(await result.revoke()).toBe('unknown');
  });

  it('empties what it forgets, and leaves how it ended', async () => {
    const good = await app.tasks.applyAsync(sum, { x: 4711, y: -4700 }, { headers: { note: '4711' } });
    const bad = await app.tasks.delay(fail, { message: 'card 4711' });
    expect(await good.get()).toEqual({ sum: 11 });
    await expect(bad.get()).rejects.toThrow(/4711/);
    expect(await Promise.all([good.forget(), bad.forget()])).toEqual([true, true]);
    expect(await good.get()).toBeNull();
    await expect(bad.get()).rejects.toThrow(TaskFailedError);
    expect(await bad.attempts()).toMatchObject([
      { outcome: 'RETRY', error: null },
      { outcome: 'FAILURE', error: null },
    ]);
    const rows = await app.database.dataSource.query(
      `SELECT t.id, t.*::text || coalesce(string_agg(a.*::text, ''), '') || convert_from(t.body, 'utf8') AS all
       FROM task AS t LEFT JOIN task_attempt AS a ON a.task_id = t.id WHERE t.id = ANY($1) GROUP BY t.id`,
      [[good.id, bad.id]],
    );
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toMatch(/4711|4700/);
  });
});
