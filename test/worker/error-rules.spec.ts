import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { playedTask, type PlayedTask } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

class NotFound extends Error {
  override readonly name = 'NotFound';
}
class SoldOut extends NotFound {}

/** Which errors are tried again; every case stands in outcome.spec.ts. */
describe('an error of a handler', () => {
  const picky = playedTask({ name: 'test.picky', maxRetries: 1, autoretryFor: [RangeError] });
  const wary = playedTask({ name: 'test.wary', maxRetries: 1, dontAutoretryFor: [NotFound] });
  const calm = playedTask({ name: 'test.calm', maxRetries: 1, throws: [NotFound] });
  let app: TaskApp;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [picky.Player, wary.Player, calm.Player] });
  });

  afterAll(() => app.drop());

  async function fail({ contract, parts }: PlayedTask, error: Error): Promise<{ id: string; retries: number }> {
    const part = `part ${parts.size}`;
    parts.set(part, () => Promise.reject(error));
    const { id } = await app.tasks.delay(contract, { part });
    const { retries } = await app.untilState(id, 'FAILURE');
    return { id, retries };
  }

  it.each<[string, PlayedTask, Error, number]>([
    ['of autoretryFor is tried again', picky, new RangeError('away'), 1],
    ['not of autoretryFor is not', picky, new TypeError('wrong'), 0],
    ['of dontAutoretryFor is not, nor is a subclass of it', wary, new SoldOut('gone'), 0],
    ['not of dontAutoretryFor is tried again', wary, new Error('away'), 1],
    ['not of throws is tried again', calm, new Error('away'), 1],
  ])('%s', async (_what, task, error, retries) => {
    expect(await fail(task, error)).toMatchObject({ retries });
  });

  it('that is expected fails the task with one line of the log, which is no error', async () => {
    const { id, retries } = await fail(calm, new SoldOut('gone'));
    expect(retries).toBe(0);
    await app.untilLogged(new RegExp(id));
    expect(app.log.filter((line) => line.includes(id))).toEqual([`log Task test.calm[${id}] failed, as it may: gone`]);
  });

  it('that is not expected is an error in the log', async () => {
    const { id } = await fail(wary, new NotFound('gone'));
    expect(await app.untilLogged(new RegExp(id))).toBe(`error Task test.wary[${id}] failed: gone`);
  });
});
