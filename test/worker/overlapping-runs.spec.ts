import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TaskHook, type SettlementWriter } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { Moment, playedTask } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const { contract, parts, Player } = playedTask({ maxRetries: 1 });

/** Holds a run up when its retry has been written down already. */
@Injectable()
class SlowWatcher {
  static hold: () => unknown = () => undefined;

  @TaskHook('retry', contract)
  async retried(): Promise<void> {
    await SlowWatcher.hold();
  }
}

describe('a worker that is not done with a run', () => {
  let app: TaskApp;

  beforeEach(async () => {
    parts.clear();
    SlowWatcher.hold = () => undefined;
    app = await startTaskApp({ providers: [Player, SlowWatcher] });
  });

  afterEach(() => app.drop());

  it('knows of the next run of the same task, when it is', async () => {
    const [hooked, again, over] = [new Moment(), new Moment(), new Moment()];
    SlowWatcher.hold = async () => {
      await again.come;
      hooked.now();
    };
    parts.set('a', async ({ attempt }) => {
      if (attempt === 1) throw new Error('once more');
      again.now();
      await over.come;
    });
    const result = await app.tasks.delay(contract, { part: 'a' });
    await hooked.come;
    expect(await result.revoke({ terminate: true })).toBe('running');
    await app.untilState(result.id, 'REVOKED');
    over.now();
  });

  it('gives nothing back at its stop that has come to its end', async () => {
    const [writing, written, ended, stopped] = [new Moment(), new Moment(), new Moment(), new Moment()];
    const slow: SettlementWriter = {
      write: async () => {
        writing.now();
        await written.come;
      },
    };
    parts.set('slow to write', (task) => task.settleWith(slow, 1));
    parts.set('ended', async () => {
      await writing.come;
      ended.now();
      return 'done';
    });
    parts.set('endless', () => stopped.come);
    const ids = await Promise.all(
      ['slow to write', 'ended', 'endless'].map(async (part) => (await app.tasks.delay(contract, { part })).id),
    );
    const [, endedId = '', endlessId = ''] = ids;
    await ended.come;
    const closed = app.close();
    // Given back in one statement with whatever else is.
    await app.untilState(endlessId, 'PENDING');
    written.now();
    await closed;
    stopped.now();
    expect(await app.rowOf(endedId)).toMatchObject({ state: 'SUCCESS', result: 'done', attempt: 1, generation: 0 });
  });
});
