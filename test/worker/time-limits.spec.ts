import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ClaimLostError, SoftTimeLimitExceeded, TimeLimitExceeded, type TaskContext } from '@celeriac/tasks';
import { connect } from 'amqplib';
import type { EntityManager } from 'typeorm';
import { Moment, playedTask, type Part, type PlayedTask } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** One task at a time, so that a run that keeps its slot is seen. */
describe('a time limit', () => {
  const soft = playedTask({ name: 'test.soft', softTimeLimit: 0.05, maxRetries: 1 });
  const hard = playedTask({ name: 'test.hard', timeLimit: 0.05 });
  const free = playedTask({ name: 'test.free' });
  const goOn: Moment[] = [];
  let app: TaskApp;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [soft.Player, hard.Player, free.Player], worker: { concurrency: 1 } });
    await app.database.dataSource.query('CREATE TABLE note (text text)');
  });

  afterEach(() => {
    for (const each of goOn.splice(0)) each.now();
  });

  afterAll(() => app.drop());

  async function play({ contract, parts }: PlayedTask, part: Part): Promise<string> {
    const name = `part ${parts.size}`;
    parts.set(name, part);
    return (await app.tasks.delay(contract, { part: name })).id;
  }

  /** A run waits for it; it comes at the end of the test at the latest. */
  function moment(): Moment {
    const made = new Moment();
    goOn.push(made);
    return made;
  }

  describe('that is soft', () => {
    it('aborts the signal; the handler ends in its own way', async () => {
      const id = await play(soft, async ({ signal }) => {
        await aborted(signal);
        return String(signal.reason);
      });
      expect(await app.untilState(id, 'SUCCESS')).toMatchObject({
        result: 'SoftTimeLimitExceeded: The run has taken longer than its soft limit of 0.05 s.',
      });
    });

    it('is an error as any other when the handler throws it: tried again, then FAILURE', async () => {
      const id = await play(soft, async ({ signal }) => {
        await aborted(signal);
        signal.throwIfAborted();
      });
      expect(await app.untilState(id, 'FAILURE')).toMatchObject({
        attempt: 2,
        retries: 1,
        error: { type: SoftTimeLimitExceeded.name },
      });
    });

    it('is nothing to a run that ends before', async () => {
      let signal: AbortSignal | undefined;
      const id = await play(soft, (task) => void (signal = task.signal));
      await app.untilState(id, 'SUCCESS');
      expect(signal?.aborted).toBe(false);
    });
  });

  describe('that is hard', () => {
    it('holds for a run that held the event loop, and the timer with it', async () => {
      const id = await play(hard, ({ signal }) => {
        const until = performance.now() + 200;
        while (performance.now() < until && !signal.aborted);
        return 'too late';
      });
      expect(await app.untilState(id, 'FAILURE')).toMatchObject({
        error: { type: TimeLimitExceeded.name },
        result: null,
      });
    });

    it('is FAILURE at once and frees the slot, whatever the run still does; its late answer is ignored', async () => {
      const late = moment();
      let signal: AbortSignal | undefined;
      const id = await play(hard, async (task) => {
        signal = task.signal;
        await late.come;
        task.progress(99);
        task.log.warn('still here');
        return 'too late';
      });
      const next = await play(free, () => 'next');
      expect(await app.untilState(id, 'FAILURE')).toMatchObject({
        error: { type: 'TimeLimitExceeded', message: expect.stringContaining('0.05 s'), stack: null },
      });
      expect(await app.untilState(next, 'SUCCESS')).toMatchObject({ result: 'next' });
      expect(signal?.reason).toBeInstanceOf(TimeLimitExceeded);
      late.now();
      await app.untilLogged(new RegExp(`^warn Task test.hard.${id}. .*too late`));
      expect(await app.rowOf(id)).toMatchObject({ state: 'FAILURE', result: null, progress: null });
      expect(app.log).toContain(`warn Task test.hard[${id}]: still here`);
    });

    it('keeps what the run has reported and handed in until then', async () => {
      const writer = {
        write: (manager: EntityManager, texts: string[]): Promise<void> =>
          manager.query('INSERT INTO note SELECT unnest($1::text[])', [texts]),
      };
      const id = await play(hard, (task) => {
        task.log.log('begun');
        task.progress(1, 2);
        task.settleWith(writer, task.id);
        return moment().come;
      });
      expect(await app.untilState(id, 'FAILURE')).toMatchObject({ progress: { meta: { current: 1 } } });
      expect(await app.database.dataSource.query('SELECT text FROM note')).toEqual([{ text: id }]);
      expect(
        await app.database.dataSource.query('SELECT outcome, log FROM task_attempt WHERE task_id = $1', [id]),
      ).toMatchObject([{ outcome: 'FAILURE', log: [{ message: 'begun' }] }]);
    });

    it('lets a run have no effect any more', async () => {
      const ended = moment();
      const refused = new Promise((resolve) => {
        void play(hard, async (task) => {
          await aborted(task.signal);
          await app.untilState(task.id, 'FAILURE');
          await task.passPointOfNoReturn().catch(resolve);
          ended.now();
        });
      });
      expect(await refused).toBeInstanceOf(ClaimLostError);
      await ended.come;
    });

    it('aborts only the signal of a run that has passed its point of no return', async () => {
      const goesOn = moment();
      const id = await play(hard, async (task) => {
        await task.passPointOfNoReturn();
        await aborted(task.signal);
        await goesOn.come;
        return String(task.signal.reason);
      });
      await app.untilLogged(new RegExp(`^warn Task test.hard.${id}. is past its limit of 0.05 s, but`));
      expect(await app.rowOf(id)).toMatchObject({ state: 'STARTED' });
      goesOn.now();
      expect(await app.untilState(id, 'SUCCESS')).toMatchObject({
        result: expect.stringMatching(/^TimeLimitExceeded/),
      });
    });
  });

  describe('of the message', () => {
    async function publish(id: string, { contract, parts }: PlayedTask, part: Part, timelimit: unknown): Promise<void> {
      parts.set(id, part);
      const connection = await connect(app.vhost.brokerUrl);
      const channel = await connection.createConfirmChannel();
      channel.publish('work', 'work', Buffer.from(JSON.stringify([[], { part: id }, {}])), {
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        headers: { lang: 'py', task: contract.name, id, timelimit },
      });
      await channel.waitForConfirms();
      await connection.close();
    }

    const waits = (task: TaskContext): Promise<unknown> => aborted(task.signal).then(() => moment().come);
    const says = async ({ signal }: TaskContext): Promise<string> => {
      await aborted(signal);
      return String(signal.reason);
    };

    it('counts more than the contract’s', async () => {
      await publish('hard', free, waits, [0.06, null]);
      expect(await app.untilState('hard', 'FAILURE')).toMatchObject({
        error: { type: 'TimeLimitExceeded', message: expect.stringContaining('0.06 s') },
      });
      await publish('soft', soft, says, [null, 0.07]);
      expect(await app.untilState('soft', 'SUCCESS')).toMatchObject({ result: expect.stringContaining('0.07 s') });
    });

    it('leaves the contract’s where it says nothing, or 0', async () => {
      await publish('silent', soft, says, [null, 0]);
      expect(await app.untilState('silent', 'SUCCESS')).toMatchObject({ result: expect.stringContaining('0.05 s') });
    });
  });
});
