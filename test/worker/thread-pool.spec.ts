import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  PermanentTaskError,
  RetryTaskError,
  SnoozeTaskError,
  SoftTimeLimitExceeded,
  TaskRevokedError,
  ThreadLostError,
  TimeLimitExceeded,
  WorkerStoppedError,
} from '@celeriac/tasks';
import { TaskContext } from '../../libs/tasks/src/worker/task-context.js';
import { ThreadPool, type ThreadPoolOptions } from '../../libs/tasks/src/worker/threads/thread-pool.js';
import type { What } from '../fixtures/threads/in-thread.js';
import { ThreadWatch } from '../fixtures/threads/thread-watch.js';

const MODULE = new URL('../dist/fixtures/threads/in-thread.thread.js', import.meta.url);

describe('ThreadPool', () => {
  let watch: ThreadWatch;
  let pool: ThreadPool;
  let warnings: string[];

  beforeEach(async () => {
    watch = await ThreadWatch.start();
    warnings = [];
    pool = poolOf({ threads: 2 });
  });

  afterEach(async () => {
    await pool.close();
    await watch.close();
  });

  function poolOf(options: ThreadPoolOptions): ThreadPool {
    return new ThreadPool(options, { warn: (message) => warnings.push(message) });
  }

  function run(what: What, abort = new AbortController(), input: object = {}): Promise<unknown> {
    const facts = {
      id: 'task-1',
      name: 'test.in_thread',
      retries: 2,
      attempt: 3,
      interruptedAfterPointOfNoReturn: false,
      headers: { 'x-tenant': 'acme' },
    };
    const task = new TaskContext(facts, abort.signal, { passPointOfNoReturn: async () => undefined });
    return pool.run(MODULE, { what, ...input }, task);
  }

  /** Begins a run that holds its thread. */
  async function begin(what: What, abort: AbortController) {
    const result = run(what, abort, { port: watch.port });
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
      threadId: expect.any(Number),
    });
    await expect(run('say what it got')).resolves.not.toMatchObject({ threadId: 0 });
  });

  it('starts threads when they are needed', async () => {
    const first = (await run('say what it got')) as { threadId: number };
    // Ids of threads count up.
    await poolOf({ threads: 2 }).close();
    await expect(run('say what it got')).resolves.toMatchObject({ threadId: first.threadId });
    await pool.close();
    pool = poolOf({ threads: 2 });
    await expect(run('say what it got')).resolves.toMatchObject({ threadId: first.threadId + 1 });
  });

  it.each([
    ['ask for a retry', RetryTaskError, { name: 'RetryTaskError', message: 'Not yet', minCountdownSeconds: 3600 }],
    ['snooze', SnoozeTaskError, { name: 'SnoozeTaskError', message: 'Too early', countdownSeconds: 3600 }],
    ['fail for good', PermanentTaskError, { name: 'TooFullError', message: 'Never again' }],
    ['return a circle', TypeError, { name: 'TypeError', message: expect.stringContaining('circular') }],
    ['fail as nobody knows', Error, { name: 'DoorError', message: 'No entry', code: 'ENOENT' }],
  ] as const)('keeps the meaning of an error: %s', async (what, errorClass, fields) => {
    const thrown: unknown = await run(what).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(errorClass);
    expect(thrown).toMatchObject(fields);
    expect((thrown as Error).stack).toMatch(/in-thread|thread-main/);
  });

  it.each(['hold the CPU until aborted', 'wait until aborted'] as const)(
    'tells the function of a soft limit, which may then end: %s',
    async (what) => {
      const abort = new AbortController();
      const { result, watched } = await begin(what, abort);
      abort.abort(new SoftTimeLimitExceeded(5));
      await expect(result).rejects.toBeInstanceOf(SoftTimeLimitExceeded);
      await expect(result).rejects.toMatchObject({ limitSeconds: 5 });
      await watched.ended;
    },
  );

  it.each([new TimeLimitExceeded(5), new TaskRevokedError('task-1', true), new WorkerStoppedError()])(
    'ends a thread that holds the CPU, and no other, for $name',
    async (reason) => {
      const [one, other] = [new AbortController(), new AbortController()];
      const held = await begin('hold the CPU', one);
      const free = await begin('wait until aborted', other);
      one.abort(reason);
      await expect(held.result).rejects.toBe(reason);
      await held.watched.ended;
      expect(free.watched.hasEnded()).toBe(false);
      await expect(run('add')).resolves.toBe(2);
      other.abort(new TaskRevokedError('task-1', false));
      await expect(free.result).rejects.toBeInstanceOf(TaskRevokedError);
    },
  );

  it('does not begin what was aborted before', async () => {
    const reason = new WorkerStoppedError();
    await expect(run('hold the CPU', abortedFor(reason))).rejects.toBe(reason);
    await expect(run('hold the CPU until aborted', abortedFor(new SoftTimeLimitExceeded(1)))).rejects.toBeInstanceOf(
      SoftTimeLimitExceeded,
    );
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
    pool = poolOf({ threads: 1, resourceLimits: { maxOldGenerationSizeMb: 16 } });
    const lost = run('fill the memory');
    await expect(lost).rejects.toBeInstanceOf(ThreadLostError);
    await expect(lost).rejects.toThrow('memory');
    await expect(run('add')).resolves.toBe(2);
  });

  it('fails what waits for a thread that cannot start', async () => {
    pool = poolOf({ threads: 1, resourceLimits: { maxOldGenerationSizeMb: 1 } });
    await expect(run('add')).rejects.toBeInstanceOf(ThreadLostError);
  });

  it('refuses input that cannot be cloned, and goes on', async () => {
    await expect(run('add', undefined, { at: () => undefined })).rejects.toThrow('could not be cloned');
    await expect(run('add')).resolves.toBe(2);
  });

  it('names a module that has no function', async () => {
    const module = new URL('../dist/fixtures/threads/in-thread.js', import.meta.url);
    const task = new TaskContext({} as never, new AbortController().signal, {} as never);
    await expect(pool.run(module, {}, task)).rejects.toThrow(/in-thread.js has no function as its default export/);
  });

  it('ends all threads when it closes', async () => {
    const { watched } = await begin('hold the CPU', new AbortController());
    await pool.close();
    await watched.ended;
  });
});

function abortedFor(reason: Error): AbortController {
  const abort = new AbortController();
  abort.abort(reason);
  return abort;
}
