import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ClaimLostError,
  PermanentTaskError,
  RetryRequestedError,
  RetryTaskError,
  SnoozeTaskError,
  SoftTimeLimitExceeded,
  TaskRevokedError,
  ThreadLostError,
  TimeLimitExceeded,
  WorkerStoppedError,
} from '@celeriac/tasks';
import { TaskContext } from '../../libs/tasks/src/worker/task-context.js';
import type { TaskFacts } from '../../libs/tasks/src/worker/task-facts.js';
import { ThreadHandler } from '../../libs/tasks/src/worker/threads/thread-handler.js';
import { ThreadPool, type ThreadPoolOptions } from '../../libs/tasks/src/worker/threads/thread-pool.js';
import { inThread, QuotaError, type What } from '../fixtures/threads/in-thread.js';
import { ThreadWatch } from '../fixtures/threads/thread-watch.js';

const handler = new ThreadHandler(inThread, new URL('../dist/fixtures/threads/in-thread.thread.js', import.meta.url));

/** A run, as its executor holds it. */
class FakeRun {
  readonly abort = new AbortController();
  readonly reports: unknown[] = [];
  readonly lines: string[] = [];
  decide: () => void = () => undefined;
  readonly context = new TaskContext(
    {
      id: 'task-1',
      name: inThread.name,
      retries: 2,
      attempt: 3,
      eta: new Date(0),
      headers: { 'x-tenant': 'acme' },
    } as unknown as TaskFacts,
    this.abort.signal,
    {
      decided: new Promise<void>((resolve) => (this.decide = resolve)),
      passPointOfNoReturn: () => Promise.reject(new ClaimLostError('task-1', 3)),
      report: (progress) => void this.reports.push(JSON.parse(progress)),
      log: (level, message) => void this.lines.push(`${level} ${message}`),
      heldLoop: () => undefined,
    },
  );

  /** Ends it with an outcome of somebody else's. */
  end(reason: Error): void {
    this.decide();
    this.abort.abort(reason);
  }
}

describe('ThreadPool', () => {
  let watch: ThreadWatch;
  let pool: ThreadPool;
  let warnings: string[];
  let warned: Promise<void>;
  let warn: (message: string) => void;

  beforeEach(async () => {
    watch = await ThreadWatch.start();
    warnings = [];
    warned = new Promise((resolve) => {
      warn = (message) => {
        warnings.push(message);
        resolve();
      };
    });
    pool = poolOf({ threads: 2 });
  });

  afterEach(async () => {
    await pool.close();
    await watch.close();
  });

  function poolOf(options: ThreadPoolOptions): ThreadPool {
    return new ThreadPool(options, { warn });
  }

  function run(what: What, taskRun = new FakeRun(), input: object = {}): Promise<unknown> {
    return pool.run(handler, { what, ...input }, taskRun.context);
  }

  /** Begins a run that holds its thread. */
  async function begin(what: What, taskRun: FakeRun) {
    const result = run(what, taskRun, { port: watch.port });
    result.catch(() => undefined);
    return { result, watched: await watch.next() };
  }

  it('returns what the function returns', async () => {
    await expect(run('add')).resolves.toBe(2);
  });

  it('gives it the input and the facts of its run, in another thread', async () => {
    const at = new Date(0);
    await expect(run('say what it got', undefined, { at })).resolves.toEqual({
      input: [true, at.toISOString()],
      facts: ['task-1', 'test.in_thread', 2, 3, { 'x-tenant': 'acme' }],
      eta: at.toISOString(),
      threadId: expect.any(Number),
    });
    await expect(run('say what it got')).resolves.not.toMatchObject({ threadId: 0 });
  });

  it('starts threads when they are needed', async () => {
    const first = (await run('say what it got')) as { threadId: number };
    await poolOf({ threads: 2 }).close();
    await expect(run('say what it got')).resolves.toMatchObject({ threadId: first.threadId });
    await pool.close();
    pool = poolOf({ threads: 2 });
    // Ids of threads count up.
    await expect(run('say what it got')).resolves.toMatchObject({ threadId: first.threadId + 1 });
  });

  it.each([
    ['ask for a retry', RetryTaskError, { name: 'RetryTaskError', message: 'Not yet', minCountdownSeconds: 3600 }],
    ['snooze', SnoozeTaskError, { name: 'SnoozeTaskError', message: 'Too early', countdownSeconds: 3600 }],
    ['fail for good', PermanentTaskError, { name: 'TooFullError', message: 'Never again' }],
    ['fail as the contract knows', QuotaError, { name: 'QuotaError', limit: 3 }],
    ['fail as nobody knows', Error, { name: 'DoorError', message: 'No entry', code: 'ENOENT' }],
    ['return a circle', TypeError, { name: 'TypeError', message: expect.stringContaining('circular') }],
    ['hand in rows', TypeError, { message: expect.stringContaining('settleWith() does not work in a thread') }],
    ['pass the point of no return', ClaimLostError, { name: 'ClaimLostError', taskId: 'task-1', attempt: 3 }],
  ] as const)('keeps the meaning of an error: %s', async (what, errorClass, fields) => {
    const thrown: unknown = await run(what).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(errorClass);
    expect(thrown).toMatchObject(fields);
    expect((thrown as Error).stack).toContain((thrown as Error).message);
  });

  it('keeps the error that a retry is asked for', async () => {
    const thrown: unknown = await run('ask for a retry by the context').catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(RetryRequestedError);
    expect(thrown).toMatchObject({ countdownSeconds: 3600, cause: { name: 'QuotaError', limit: 3 } });
  });

  it('has what the function reports and logs before its result', async () => {
    const taskRun = new FakeRun();
    await run('report', taskRun);
    expect(taskRun.reports).toEqual([{ state: 'PROGRESS', meta: { current: 1, total: 2, message: 'half' } }]);
    expect(taskRun.lines).toEqual(['warn half way']);
  });

  it('takes as many reports as it can, and the last one', async () => {
    const taskRun = new FakeRun();
    await run('report much', taskRun);
    expect(taskRun.reports.at(-1)).toEqual({ state: 'PROGRESS', meta: { current: 100_000 } });
    expect(taskRun.reports.length).toBeLessThan(50_000);
  });

  it.each(['hold the CPU until aborted', 'wait until aborted'] as const)(
    'tells the function of a soft limit, which may then end: %s',
    async (what) => {
      const taskRun = new FakeRun();
      const { result, watched } = await begin(what, taskRun);
      taskRun.abort.abort(new SoftTimeLimitExceeded(5));
      await expect(result).rejects.toBeInstanceOf(SoftTimeLimitExceeded);
      await expect(result).rejects.toMatchObject({ limitSeconds: 5 });
      await watched.ended;
    },
  );

  it.each([new TimeLimitExceeded(5), new TaskRevokedError('task-1', true)])(
    'ends a thread that holds the CPU, and no other, when its run is ended: $name',
    async (reason) => {
      const [one, other] = [new FakeRun(), new FakeRun()];
      const held = await begin('hold the CPU', one);
      const free = await begin('wait until aborted', other);
      one.end(reason);
      await expect(held.result).rejects.toBe(reason);
      await held.watched.ended;
      expect(free.watched.hasEnded()).toBe(false);
      await expect(run('add')).resolves.toBe(2);
      other.abort.abort(new TaskRevokedError('task-1', false));
      await expect(free.result).rejects.toBeInstanceOf(TaskRevokedError);
    },
  );

  it('ends a thread at the hard limit that did not heed the soft one', async () => {
    const taskRun = new FakeRun();
    const { watched } = await begin('hold the CPU', taskRun);
    taskRun.abort.abort(new SoftTimeLimitExceeded(1));
    taskRun.end(new TimeLimitExceeded(2));
    await watched.ended;
  });

  it('ends a thread when the worker stops and can wait no longer', async () => {
    const taskRun = new FakeRun();
    const { result, watched } = await begin('hold the CPU', taskRun);
    taskRun.abort.abort(new WorkerStoppedError());
    await expect(result).rejects.toBeInstanceOf(WorkerStoppedError);
    await watched.ended;
  });

  it('begins with a signal that is aborted already, and begins nothing when the worker stops', async () => {
    const [late, stopped] = [new FakeRun(), new FakeRun()];
    late.abort.abort(new SoftTimeLimitExceeded(1));
    await expect(run('hold the CPU until aborted', late)).rejects.toBeInstanceOf(SoftTimeLimitExceeded);
    stopped.abort.abort(new WorkerStoppedError());
    await expect(run('hold the CPU', stopped)).rejects.toBeInstanceOf(WorkerStoppedError);
  });

  it.each([
    ['exit', 'exited with code: 7'],
    ['fail uncaught', 'RangeError: Nobody catches this'],
  ] as const)('makes the end of a thread an error of its run: %s', async (what, message) => {
    const lost = run(what);
    await expect(lost).rejects.toBeInstanceOf(ThreadLostError);
    await expect(lost).rejects.toThrow(message);
    await expect(run('add')).resolves.toBe(2);
  });

  it('survives a thread that runs out of memory', async () => {
    pool = poolOf({ threads: 1, threadResourceLimits: { maxOldGenerationSizeMb: 16 } });
    const lost = run('fill the memory');
    await expect(lost).rejects.toBeInstanceOf(ThreadLostError);
    await expect(lost).rejects.toThrow('memory');
    await expect(run('add')).resolves.toBe(2);
  });

  it('survives a thread that ends when its run is over', async () => {
    await run('fail when it is over');
    await warned;
    expect(warnings).toEqual([expect.stringContaining('RangeError: Too late to fail')]);
    await expect(run('add')).resolves.toBe(2);
  });

  it('fails what waits for a thread that cannot start', async () => {
    pool = poolOf({ threads: 1, threadResourceLimits: { maxOldGenerationSizeMb: 1 } });
    await expect(run('add')).rejects.toBeInstanceOf(ThreadLostError);
  });

  it('refuses input that cannot be cloned, and goes on', async () => {
    await expect(run('add', undefined, { at: () => undefined })).rejects.toThrow('could not be cloned');
    await expect(run('add')).resolves.toBe(2);
  });

  it('names a module that has no function', async () => {
    const module = new URL('../dist/fixtures/threads/in-thread.js', import.meta.url);
    const lost = pool.run(new ThreadHandler(handler.contract, module), {}, new FakeRun().context);
    await expect(lost).rejects.toThrow(/in-thread.js has no function as its default export/);
  });

  it('ends all threads when it closes', async () => {
    const { result, watched } = await begin('hold the CPU', new FakeRun());
    await pool.close();
    await expect(result).rejects.toBeInstanceOf(WorkerStoppedError);
    await watched.ended;
  });

  it.each([0, 1.5])('refuses to have %s threads', (threads) => {
    expect(() => poolOf({ threads })).toThrow(`threads=${threads}: expected a whole number, 1 or more`);
  });
});
