import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deadLetterQueue, type LogLine, type TaskContext } from '@celeriac/tasks';
import { connect, type GetMessage } from 'amqplib';
import { Moment, playedTask } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

interface Attempt {
  outcome: string;
  log: LogLine[] | null;
  error: { type: string; message: string } | null;
  finished_at: Date;
}

describe('the context of a task', () => {
  const { contract, parts, Player } = playedTask({ maxRetries: 2, defaultRetryDelay: 240 });
  let app: TaskApp;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [Player], worker: { name: 'w@test' } });
  });

  afterAll(() => app.drop());

  /** Sends a task that plays this part. @returns its id */
  async function play(part: (task: TaskContext) => unknown, options: object = {}): Promise<string> {
    const name = `part ${parts.size}`;
    parts.set(name, part);
    return (await app.tasks.applyAsync(contract, { part: name }, options)).id;
  }

  function attemptsOf(id: string): Promise<Attempt[]> {
    return app.database.dataSource.query('SELECT * FROM task_attempt WHERE task_id = $1 ORDER BY number', [id]);
  }

  describe('says', () => {
    it('what the task is and how it came', async () => {
      const eta = new Date('2026-01-02T03:04:05.000Z');
      const expires = new Date('2126-01-02T03:04:05.000Z');
      let seen: TaskContext | undefined;
      const id = await play((task) => void (seen = task), { eta, expires, priority: 3, headers: { tenant: 'acme' } });
      await app.untilState(id, 'SUCCESS');
      expect(seen).toMatchObject({
        id,
        name: 'test.played',
        args: [],
        kwargs: { part: expect.any(String) },
        retries: 0,
        attempt: 1,
        eta,
        expires,
        rootId: id,
        parentId: null,
        headers: { tenant: 'acme' },
        hostname: 'w@test',
        deliveryInfo: { exchange: 'work', routingKey: 'work', queue: 'work', priority: 3, redelivered: false },
      });
    });

    it('of a Python task of which tree it is', async () => {
      let seen: TaskContext | undefined;
      parts.set('python', (task) => void (seen = task));
      const connection = await connect(app.vhost.brokerUrl);
      const channel = await connection.createConfirmChannel();
      channel.publish('work', 'work', Buffer.from('[[],{"part":"python"},{}]'), {
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        headers: { lang: 'py', task: contract.name, id: 'leaf', root_id: 'root', parent_id: 'branch' },
      });
      await channel.waitForConfirms();
      await connection.close();
      await app.untilState('leaf', 'SUCCESS');
      expect(seen).toMatchObject({ id: 'leaf', rootId: 'root', parentId: 'branch', eta: null, expires: null });
    });
  });

  describe('progress', () => {
    it('is written while the task runs, and stays', async () => {
      const goOn = new Moment();
      const id = await play(async (task) => {
        task.progress(3, 10, 'reading');
        await goOn.come;
      });
      const { state, progress } = await app.untilRow(id, (row) => row.progress !== null);
      expect({ state, progress }).toEqual({
        state: 'STARTED',
        progress: { state: 'PROGRESS', meta: { current: 3, total: 10, message: 'reading' } },
      });
      goOn.now();
      expect(await app.untilState(id, 'SUCCESS')).toMatchObject({ progress: { meta: { current: 3 } } });
    });

    it('may be any state with any data', async () => {
      const meta = { urls: ['a\u0000b', '\ud800'], deep: { ä: [1, null] } };
      const id = await play((task) => task.updateState('FETCHING', meta));
      expect(await app.untilState(id, 'SUCCESS')).toMatchObject({ progress: { state: 'FETCHING', meta } });
    });

    it('is what was reported last, also by a run that fails right afterwards', async () => {
      const id = await play((task) => {
        for (let n = 1; n <= 7; n += 1) task.progress(n);
        task.reject('enough');
      });
      expect(await app.untilState(id, 'FAILURE')).toMatchObject({ progress: { meta: { current: 7 } } });
    });

    it('that is reported ten thousand times is written a few times', async () => {
      await app.database.dataSource.query(`
        CREATE TABLE write (progress json);
        CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql
          AS 'BEGIN INSERT INTO write VALUES (NEW.progress); RETURN NULL; END';
        CREATE TRIGGER writes AFTER UPDATE ON task FOR EACH ROW
          WHEN (NEW.progress::text IS DISTINCT FROM OLD.progress::text) EXECUTE FUNCTION count_write()`);
      const id = await play(async (task) => {
        for (let n = 1; n <= 10_000; n += 1) {
          task.progress(n, 10_000);
          if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      });
      expect(await app.untilState(id, 'SUCCESS')).toMatchObject({ progress: { meta: { current: 10_000 } } });
      const writes = await app.database.dataSource.query('SELECT * FROM write');
      expect(writes.length).toBeLessThan(100);
      await app.database.dataSource.query('DROP TABLE write CASCADE; DROP FUNCTION count_write CASCADE');
    });

    it('is empty again in the next run', async () => {
      const goOn = new Moment();
      const id = await play(async (task) => {
        if (task.attempt === 2) return goOn.come;
        task.progress(1);
        task.retry({ countdown: 0 });
      });
      const second = await app.untilRow(id, ({ attempt, state }) => attempt === 2 && state === 'STARTED');
      expect(second.progress).toBeNull();
      goOn.now();
      await app.untilState(id, 'SUCCESS');
    });
  });

  describe('log', () => {
    it('goes to the worker with the name and id, and is kept with the attempt, however that ends', async () => {
      const id = await play((task) => {
        task.log.debug(`run ${task.attempt}`);
        if (task.attempt === 1) task.snooze(0);
        task.log.warn('careful');
        if (task.attempt === 2) task.retry({ countdown: 0 });
        task.log.error('dear me');
        task.log.log('fine');
      });
      await app.untilState(id, 'SUCCESS');
      const attempts = await attemptsOf(id);
      expect(attempts.map(({ outcome, log }) => [outcome, log?.map(({ level, message }) => [level, message])])).toEqual(
        [
          ['SNOOZE', [['debug', 'run 1']]],
          ['RETRY', [['debug', 'run 2'], ['warn', 'careful']]], // prettier-ignore
          ['SUCCESS', [['debug', 'run 3'], ['warn', 'careful'], ['error', 'dear me'], ['log', 'fine']]], // prettier-ignore
        ],
      );
      expect(new Date(attempts[0]?.log?.[0]?.at ?? '').getTime()).toBeGreaterThan(0);
      expect(app.log.filter((line) => line.includes(id) && line.includes('careful'))).toEqual([
        `warn Task test.played[${id}]: careful`,
        `warn Task test.played[${id}]: careful`,
      ]);
    });

    it('is capped, and says so', async () => {
      const id = await play((task) => {
        for (let n = 0; n < 250; n += 1) task.log.log(`line ${n}`);
      });
      await app.untilState(id, 'SUCCESS');
      const [attempt] = await attemptsOf(id);
      expect(attempt?.log).toHaveLength(201);
      expect(attempt?.log?.at(-1)?.message).toMatch(/^50 more lines were left out/);
      expect(app.log).toContain(`log Task test.played[${id}]: line 249`);
    });

    it('of a run that logs nothing is not there', async () => {
      const id = await play(() => undefined);
      await app.untilState(id, 'SUCCESS');
      expect(await attemptsOf(id)).toMatchObject([{ outcome: 'SUCCESS', log: null }]);
    });
  });

  describe('retry', () => {
    async function waitOf(id: string): Promise<number> {
      const row = await app.untilState(id, 'RETRY');
      expect(row).toMatchObject({ wait_reason: 'scheduled', retries: 1 });
      const [attempt] = await attemptsOf(id);
      return ((row.due_at?.getTime() ?? 0) - (attempt?.finished_at.getTime() ?? 0)) / 1000;
    }

    it('waits for just the countdown', async () => {
      const id = await play((task) => task.retry({ countdown: 77 }));
      expect(await waitOf(id)).toBe(77);
    });

    it("waits for the contract's defaultRetryDelay, and keeps why", async () => {
      const id = await play((task) => task.retry({ error: new RangeError('not yet') }));
      expect(await waitOf(id)).toBe(240);
      expect(await attemptsOf(id)).toMatchObject([
        { outcome: 'RETRY', error: { type: 'RangeError', message: 'not yet' } },
      ]);
    });

    it('waits for the eta', async () => {
      const id = await play((task) => task.retry({ eta: new Date(Date.now() + 3_600_000) }));
      expect(Math.abs((await waitOf(id)) - 3600)).toBeLessThan(60);
    });

    it('costs a retry: in the end the task fails with the error given', async () => {
      const id = await play((task) => task.retry({ countdown: 0, error: new RangeError(`run ${task.attempt}`) }));
      expect(await app.untilState(id, 'FAILURE')).toMatchObject({
        attempt: 3,
        retries: 2,
        error: { type: 'RangeError', message: 'run 3' },
      });
    });

    it('fails with MaxRetriesExceededError without one, after as many retries as it says itself', async () => {
      const id = await play((task) => task.retry({ countdown: 0, maxRetries: 1 }));
      expect(await app.untilState(id, 'FAILURE')).toMatchObject({
        attempt: 2,
        error: { type: 'MaxRetriesExceededError', message: expect.stringContaining('1 times') },
      });
    });

    it('refuses a countdown that makes no sense', async () => {
      const refused: unknown[] = [];
      const id = await play((task) => {
        for (const act of [
          () => task.retry({ countdown: -1 }),
          () => task.snooze(NaN),
          () => task.retry({ eta: new Date('never') }),
        ]) {
          try {
            act();
          } catch (error) {
            refused.push(error);
          }
        }
      });
      await app.untilState(id, 'SUCCESS');
      expect(refused).toEqual([expect.any(RangeError), expect.any(RangeError), expect.any(RangeError)]);
    });
  });

  it('snoozes at no cost', async () => {
    const id = await play((task) => (task.attempt <= 5 ? task.snooze(0) : 'done'));
    expect(await app.untilState(id, 'SUCCESS')).toMatchObject({ attempt: 6, retries: 0, result: 'done' });
  });

  it('rejects: FAILURE, and a dead letter with the reason', async () => {
    const id = await play((task) => task.reject('not ours'));
    expect(await app.untilState(id, 'FAILURE')).toMatchObject({
      attempt: 1,
      error: { type: 'RejectTaskError', message: 'not ours' },
    });
    const letter = await untilDeadLetter((message) => message.properties.headers?.['id'] === id);
    expect(letter.properties.headers).toMatchObject({ 'celeriac-dead-letter-reason': 'not ours' });
  });

  it('ignores: SUCCESS without a result, and the attempt says so', async () => {
    const id = await play((task) => task.ignore());
    expect(await app.untilState(id, 'SUCCESS')).toMatchObject({ result: null, error: null });
    expect(await attemptsOf(id)).toMatchObject([{ outcome: 'IGNORED', error: null }]);
    await app.untilLogged(new RegExp(`^log Task test.played.${id}. ended .* ignored`));
  });

  async function untilDeadLetter(isRight: (message: GetMessage) => boolean): Promise<GetMessage> {
    const connection = await connect(app.vhost.brokerUrl);
    try {
      const channel = await connection.createChannel();
      for (;;) {
        const message = await channel.get(deadLetterQueue('work'), { noAck: true });
        if (message !== false && isRight(message)) return message;
      }
    } finally {
      await connection.close();
    }
  }
});
