import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { TaskFacts, TaskFailedError, TaskHook, type FailureOutcome, type TaskContext } from '@celeriac/tasks';
import { playedTask, type Part, type PlayedTask } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const played = playedTask();
const quiet = playedTask({ name: 'test.quiet', ignoreResult: true, maxRetries: 0 });
const hasty = playedTask({ name: 'test.hasty', timeLimit: 0.05 });

@Injectable()
class Alarm {
  readonly failures: string[][] = [];

  @TaskHook('failure', hasty.contract)
  note({ error }: FailureOutcome, { name }: TaskFacts): void {
    this.failures.push([name, error.type]);
  }
}

describe('as in Celery', () => {
  let app: TaskApp;

  beforeAll(async () => {
    const providers = [played.Player, quiet.Player, hasty.Player, Alarm];
    app = await startTaskApp({ providers, queues: ['work', 'night'] });
  });

  afterAll(() => app.drop());

  async function play({ contract, parts }: PlayedTask, part: Part, queue = 'work'): Promise<string> {
    const name = `part ${parts.size}`;
    parts.set(name, part);
    return (await app.tasks.applyAsync(contract, { part: name }, { queue })).id;
  }

  it('a retry goes to the queue that the task came from, under the same id', async () => {
    const seen: Array<[string, string, number]> = [];
    const id = await play(
      played,
      (task) => {
        seen.push([task.id, task.deliveryInfo.queue, task.retries]);
        if (task.retries === 0) task.retry({ countdown: 0 });
      },
      'night',
    );
    await app.untilState(id, 'SUCCESS');
    expect(seen).toEqual([
      [id, 'night', 0],
      [id, 'night', 1],
    ]);
  });

  it('the error of a task is kept whose result is not', async () => {
    const id = await play(quiet, () => Promise.reject(new RangeError('no such order')));
    const error = await app.tasks
      .result(id)
      .get()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({ error: { type: 'RangeError', message: 'no such order' } });
  });

  it('the hook for failures is called at the hard time limit too', async () => {
    const id = await play(hasty, (task) => new Promise((resolve) => task.signal.addEventListener('abort', resolve)));
    await app.untilState(id, 'FAILURE');
    const { failures } = app.get(Alarm);
    while (failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toEqual([['test.hasty', 'TimeLimitExceeded']]);
  });

  it('a handler sends tasks, each of which is the first of a tree of its own', async () => {
    let child: TaskContext | undefined;
    const parent = await play(played, () => play(played, (task) => void (child = task)));
    const { result: childId } = await app.untilState(parent, 'SUCCESS');
    await app.untilState(String(childId), 'SUCCESS');
    expect(child).toMatchObject({ id: childId, rootId: childId, parentId: null });
  });
});
