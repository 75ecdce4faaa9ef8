import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  TaskFacts,
  TaskHook,
  TaskContext,
  type FailureOutcome,
  type RetryOutcome,
  type SuccessOutcome,
  type TaskState,
} from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { playedTask, type Part, type PlayedTask } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const watched = playedTask({ name: 'test.watched', maxRetries: 1 });
const other = playedTask({ name: 'test.other', maxRetries: 1 });

/** Notes what it is called with, and what the task's row says just then. */
@Injectable()
class Watcher {
  readonly calls: unknown[][] = [];
  stateOf: (id: string) => Promise<TaskState | undefined> = () => Promise.resolve(undefined);
  beforeStart: () => unknown = () => undefined;

  @TaskHook('beforeStart', watched.contract)
  async before(input: { part: string }, task: TaskContext): Promise<void> {
    this.calls.push(['beforeStart', input, task.id]);
    await this.beforeStart();
  }

  @TaskHook('success', watched.contract)
  async succeeded({ result }: SuccessOutcome, task: TaskFacts): Promise<void> {
    this.calls.push(['success', result, await this.stateOf(task.id)]);
  }

  @TaskHook('failure', watched.contract)
  async failed({ error }: FailureOutcome, task: TaskFacts): Promise<void> {
    this.calls.push(['failure', error.message, await this.stateOf(task.id)]);
  }

  @TaskHook('retry', watched.contract)
  async retried({ error, countdownSeconds }: RetryOutcome, task: TaskFacts): Promise<void> {
    this.calls.push(['retry', error.message, countdownSeconds, await this.stateOf(task.id)]);
    throw new Error('The hook failed too');
  }

  @TaskHook('afterReturn', watched.contract)
  async returned({ state }: SuccessOutcome | FailureOutcome, task: TaskFacts): Promise<void> {
    this.calls.push(['afterReturn', state, await this.stateOf(task.id)]);
  }
}

/** For all tasks, and for two moments at once. */
@Injectable()
class Counter {
  readonly names: string[] = [];

  @TaskHook('success')
  @TaskHook('failure')
  ended(_outcome: unknown, { name }: TaskFacts): void {
    this.names.push(name);
  }
}

describe('a hook', () => {
  let app: TaskApp;
  let watcher: Watcher;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [watched.Player, other.Player, Watcher, Counter] });
    watcher = app.get(Watcher);
    watcher.stateOf = async (id) => (await app.rowOf(id))?.state;
  });

  beforeEach(() => {
    watcher.calls.splice(0);
    watcher.beforeStart = () => undefined;
    app.get(Counter).names.splice(0);
  });

  afterAll(() => app.drop());

  async function play({ contract, parts }: PlayedTask, part: Part): Promise<{ id: string; part: string }> {
    const name = `part ${parts.size}`;
    parts.set(name, part);
    const { id } = await app.tasks.delay(contract, { part: name });
    return { id, part: name };
  }

  /** Waits for so many calls. @returns them */
  async function untilCalled(count: number): Promise<unknown[][]> {
    while (watcher.calls.length < count) await new Promise((resolve) => setImmediate(resolve));
    return watcher.calls;
  }

  it('is called before the start, with the input, and after success has been committed', async () => {
    const { id, part } = await play(watched, () => ({ sent: 3 }));
    expect(await untilCalled(3)).toEqual([
      ['beforeStart', { part }, id],
      ['success', { sent: 3 }, 'SUCCESS'],
      ['afterReturn', 'SUCCESS', 'SUCCESS'],
    ]);
  });

  it('is called for a retry that has been committed; what it throws is logged, and changes nothing', async () => {
    // In an hour: nothing else happens to the task while the hook looks at it.
    const { id, part } = await play(watched, (task) => task.retry({ countdown: 3600, error: new Error('run 1') }));
    expect(await untilCalled(2)).toEqual([
      ['beforeStart', { part }, id],
      ['retry', 'run 1', 3600, 'RETRY'],
    ]);
    await app.untilLogged(new RegExp(`^error Task test.watched.${id}.: a hook failed: Error: The hook failed too`));
  });

  it('is called for the failure in the end', async () => {
    const { id, part } = await play(watched, ({ attempt }) => Promise.reject(new Error(`run ${attempt}`)));
    const calls = await untilCalled(5);
    // The retry is due at once: its run may begin before the hook of the one before has been called.
    expect(calls.filter(([hook]) => hook === 'beforeStart')).toEqual([
      ['beforeStart', { part }, id],
      ['beforeStart', { part }, id],
    ]);
    expect(calls.filter(([hook]) => hook === 'failure' || hook === 'afterReturn')).toEqual([
      ['failure', 'run 2', 'FAILURE'],
      ['afterReturn', 'FAILURE', 'FAILURE'],
    ]);
  });

  it('that throws before the start counts as the handler', async () => {
    let runs = 0;
    watcher.beforeStart = () => Promise.reject(new RangeError('not today'));
    const { id } = await play(watched, () => (runs += 1));
    expect(await app.untilState(id, 'FAILURE')).toMatchObject({
      retries: 1,
      error: { type: 'RangeError', message: 'not today' },
    });
    expect(runs).toBe(0);
    // All of them, so that none is called in the next test.
    expect((await untilCalled(5)).at(-1)).toEqual(['afterReturn', 'FAILURE', 'FAILURE']);
  });

  it('is never told what was not committed', async () => {
    // Somebody else has taken the task over meanwhile.
    const { id } = await play(watched, (task) =>
      app.database.dataSource.query('UPDATE task SET attempt = 7 WHERE id = $1', [task.id]),
    );
    await app.untilLogged(new RegExp(`^warn Task test.watched.${id}. is no longer held`));
    await play(watched, () => 'next');
    expect((await untilCalled(4)).map(([hook, fact]) => [hook, fact])).toEqual([
      ['beforeStart', expect.anything()],
      ['beforeStart', expect.anything()],
      ['success', 'next'],
      ['afterReturn', 'SUCCESS'],
    ]);
  });

  it('may be for all tasks; one that is for another task is not called', async () => {
    const { id } = await play(other, () => 'fine');
    await app.untilState(id, 'SUCCESS');
    await play(watched, (task) => task.reject('no'));
    await untilCalled(3);
    expect(watcher.calls.map(([hook]) => hook)).toEqual(['beforeStart', 'failure', 'afterReturn']);
    expect(app.get(Counter).names).toEqual(['test.other', 'test.watched']);
  });

  it.each<[string, (task: TaskContext) => unknown]>([
    ['is to be ignored', (task) => task.ignore()],
    ['was put off', (task) => (task.attempt === 1 ? task.snooze(0) : task.ignore())],
  ])('is not called after a run that %s', async (_what, part) => {
    const { id } = await play(watched, part);
    await app.untilState(id, 'SUCCESS');
    await play(watched, () => 'next');
    const called = (): unknown[] => watcher.calls.map(([hook]) => hook).filter((hook) => hook !== 'beforeStart');
    while (!called().includes('afterReturn')) await new Promise((resolve) => setImmediate(resolve));
    expect(called()).toEqual(['success', 'afterReturn']);
  });
});
