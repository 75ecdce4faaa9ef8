import { afterEach, describe, expect, it } from '@jest/globals';
import { threadHandler } from '@celeriac/tasks';
import { Moment, playedTask } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';
import { inThread } from '../fixtures/threads/in-thread.js';

const MODULE = new URL('../dist/fixtures/threads/in-thread.thread.js', import.meta.url);

describe('a run that is cut off after its point of no return', () => {
  let app: TaskApp;

  afterEach(() => app.drop());

  it('is told to the next one when its thread was lost', async () => {
    app = await startTaskApp({ providers: [threadHandler(inThread, MODULE)], contracts: [inThread] });
    const result = await app.tasks.delay(inThread, { what: 'exit after the point of no return' });
    expect(await app.untilState(result.id, 'SUCCESS', 'FAILURE')).toMatchObject({ state: 'SUCCESS', result: 'told' });
    expect(await result.attempts()).toMatchObject([{ outcome: 'WORKER_LOST' }, { outcome: 'SUCCESS' }]);
  });

  it('is told to the next one when the worker stopped', async () => {
    const { contract, parts, Player } = playedTask();
    const passed = new Moment();
    parts.set('a', async (task) => {
      if (task.attempt > 1) return task.interruptedAfterPointOfNoReturn;
      await task.passPointOfNoReturn();
      passed.now();
      return new Promise((_resolve, reject) => task.signal.addEventListener('abort', () => reject(task.signal.reason)));
    });
    app = await startTaskApp({ providers: [Player], worker: { shutdownTimeoutMs: 0 } });
    const { id } = await app.tasks.delay(contract, { part: 'a' });
    await passed.come;
    await app.close();
    const other = await startTaskApp({ providers: [Player], beside: app });
    expect(await other.untilState(id, 'SUCCESS')).toMatchObject({ result: true, deaths: 0 });
    await other.close();
  });
});
