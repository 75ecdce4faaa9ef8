import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Moment, playedTask, type Part } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

/** Holds the event loop for longer than a worker puts up with. */
function hold(): void {
  const endMs = performance.now() + 1300;
  while (performance.now() < endMs);
}

describe('a task that holds the event loop', () => {
  const { contract, parts, Player } = playedTask();
  let app: TaskApp;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [Player] });
  });

  afterAll(() => app.drop());

  async function play(part: Part): Promise<string> {
    const name = `part ${parts.size}`;
    parts.set(name, part);
    return (await app.tasks.delay(contract, { part: name })).id;
  }

  it('in its own call is named, though others run', async () => {
    const goOn = new Moment();
    const bystander = await play(() => goOn.come);
    await app.untilState(bystander, 'STARTED');
    const id = await play(hold);
    const line = await app.untilLogged(/event loop/);
    goOn.now();
    expect(line).toMatch(
      new RegExp(`^warn Task test.played.${id}. has held the event loop for [1-9][0-9]*\\.[0-9] s\\.$`),
    );
    await app.untilState(bystander, 'SUCCESS');
    expect(app.log.filter((each) => each.includes('event loop'))).toHaveLength(1);
  });

  it('later on is named when it is the only one', async () => {
    const id = await play(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      hold();
    });
    expect(await app.untilLogged(/it seems by Task/)).toMatch(
      new RegExp(`^warn The event loop was held for [1-9][0-9]*\\.[0-9] s, it seems by Task test.played.${id}.\\.$`),
    );
  });

  it('later on is one of those that run', async () => {
    const goOn = new Moment();
    const bystander = await play(() => goOn.come);
    await app.untilState(bystander, 'STARTED');
    const id = await play(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      hold();
    });
    const line = await app.untilLogged(/it seems by one of/);
    goOn.now();
    expect(line).toContain(`Task test.played[${bystander}], Task test.played[${id}]`);
  });
});
