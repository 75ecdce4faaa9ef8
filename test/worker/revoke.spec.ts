import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClaimLostError, TaskRevokedError, TaskServer, type TaskContext } from '@celeriac/tasks';
import { connect } from 'amqplib';
import { v7 as uuidv7 } from 'uuid';
import { Moment, playedTask, type Part } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('a revoke', () => {
  const played = playedTask({ maxRetries: 3 });
  const goOn: Moment[] = [];
  let sender: TaskApp;

  /** Knows the queue, and consumes another. */
  beforeAll(async () => {
    sender = await startTaskApp({ providers: [], queues: ['work', 'other'], worker: { queues: ['other'] } });
    // By then the queues are declared.
    while (!sender.get(TaskServer).ready) await new Promise((resolve) => setImmediate(resolve));
  });

  afterAll(() => sender.drop());

  /** A run waits for it; it comes at the end of the test at the latest. */
  function moment(): Moment {
    const made = new Moment();
    goOn.push(made);
    return made;
  }

  async function play(part: Part, options: { taskId?: string } = {}): Promise<string> {
    const name = `part ${played.parts.size}`;
    played.parts.set(name, part);
    return (await sender.tasks.applyAsync(played.contract, { part: name }, options)).id;
  }

  /** As a Python client sends it. */
  async function playForeign(id: string, part: Part): Promise<void> {
    const name = `part ${played.parts.size}`;
    played.parts.set(name, part);
    const connection = await connect(sender.vhost.brokerUrl);
    const channel = await connection.createConfirmChannel();
    channel.publish('work', 'work', Buffer.from(JSON.stringify([[], { part: name }, null])), {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { id, task: played.contract.name, lang: 'py', retries: { '!': 'int32', value: 0 } },
    });
    await channel.waitForConfirms();
    await connection.close();
  }

  function startWorker(concurrency = 2): Promise<TaskApp> {
    return startTaskApp({ providers: [played.Player], beside: sender, worker: { concurrency } });
  }

  describe('while no worker is there', () => {
    it('holds for what waits, what nobody has seen, and what is sent afterwards', async () => {
      const runs: string[] = [];
      const note: Part = ({ id }) => void runs.push(id);
      const [waiting, python, later] = [await play(note), `python-${uuidv7()}`, uuidv7()];
      await playForeign(python, note);
      expect(await sender.tasks.revoke([waiting, python, later])).toEqual(
        new Map([
          [waiting, 'revoked'],
          [python, 'unknown'],
          [later, 'unknown'],
        ]),
      );
      const worker = await startWorker();
      await play(note, { taskId: later });
      const rows = await Promise.all([waiting, python, later].map((id) => worker.untilState(id, 'REVOKED')));
      expect(rows).toMatchObject([{ attempt: 0 }, { attempt: 0 }, { attempt: 0 }]);
      const next = await play(note);
      await worker.untilState(next, 'SUCCESS');
      expect(runs).toEqual([next]);
      expect(await sender.tasks.revoke(next)).toBe('ended');
      await worker.close();
    });
  });

  describe('of a run', () => {
    let worker: TaskApp;

    beforeEach(async () => {
      worker = await startWorker();
    });

    afterEach(async () => {
      for (const each of goOn.splice(0)) each.now();
      await worker.close();
    });

    it('aborts its signal, from wherever it was asked; what it throws then is the end, and no retry', async () => {
      const started = moment();
      let reason: unknown;
      const id = await play(async ({ signal }) => {
        started.now();
        await aborted(signal);
        reason = signal.reason;
        throw new Error('I stop');
      });
      await started.come;
      expect(await sender.tasks.revoke(id)).toBe('running');
      const row = await worker.untilState(id, 'REVOKED', 'RETRY', 'FAILURE');
      expect(row).toMatchObject({ state: 'REVOKED', attempt: 1, retries: 0, error: { type: 'TaskRevokedError' } });
      expect(reason).toEqual(new TaskRevokedError(id, false));
      expect(await worker.database.dataSource.query('SELECT FROM outbox WHERE task_id = $1', [id])).toEqual([]);
      const attempts: unknown = await worker.database.dataSource.query(
        'SELECT outcome FROM task_attempt WHERE task_id = $1',
        [id],
      );
      expect(attempts).toEqual([{ outcome: 'REVOKED' }]);
    });

    it('leaves it to the run whether it comes to its own end', async () => {
      const started = moment();
      const id = await play(async ({ signal }) => {
        started.now();
        await aborted(signal);
        return 'done all the same';
      });
      await started.come;
      await sender.tasks.revoke(id);
      expect(await worker.untilState(id, 'SUCCESS')).toMatchObject({ result: 'done all the same' });
    });

    it('that never asked its signal ends what it would have been tried again for', async () => {
      const [started, fail] = [moment(), moment()];
      const id = await play(async () => {
        started.now();
        await fail.come;
        throw new Error('busy');
      });
      await started.come;
      await sender.tasks.revoke(id);
      // Before the worker has asked, or after: neither way is it run again.
      fail.now();
      expect(await worker.untilState(id, 'REVOKED', 'FAILURE')).toMatchObject({ state: 'REVOKED', attempt: 1 });
    });

    it('with terminate ends it at once, whatever it does; its late answer is ignored, its slot is free', async () => {
      await worker.close();
      worker = await startWorker(1);
      const [started, answer] = [moment(), moment()];
      let late: unknown;
      const id = await play(async (task: TaskContext) => {
        started.now();
        await answer.come;
        late = await task.passPointOfNoReturn().catch((error: unknown) => error);
        return 'too late';
      });
      await started.come;
      await sender.tasks.revoke(id, { terminate: true });
      expect(await worker.untilState(id, 'REVOKED')).toMatchObject({ error: { type: 'TaskRevokedError' } });
      const next = await play(() => 'ran');
      await worker.untilState(next, 'SUCCESS');
      answer.now();
      await worker.untilLogged(/came to its end after .* too late/);
      expect(late).toBeInstanceOf(ClaimLostError);
      expect(await worker.rowOf(id)).toMatchObject({ state: 'REVOKED', result: null });
    });

    it('with terminate comes after one without, and is still heard', async () => {
      const [started, told] = [moment(), moment()];
      const id = await play(async ({ signal }) => {
        started.now();
        await aborted(signal);
        told.now();
        await moment().come;
      });
      await started.come;
      await sender.tasks.revoke(id);
      await told.come;
      await sender.tasks.revoke(id, { terminate: true });
      await worker.untilState(id, 'REVOKED');
    });

    it('with terminate leaves alone what has passed its point of no return', async () => {
      const started = moment();
      const id = await play(async (task) => {
        await task.passPointOfNoReturn();
        started.now();
        await aborted(task.signal);
        return 'the mail is out';
      });
      await started.come;
      await sender.tasks.revoke(id, { terminate: true });
      expect(await worker.untilState(id, 'SUCCESS')).toMatchObject({ result: 'the mail is out' });
      await worker.untilLogged(/is to be terminated, but is past its point of no return/);
    });

    it('outlives the worker: who starts next ends the task instead of running it', async () => {
      const started = moment();
      let runs = 0;
      const id = await play(async () => {
        runs += 1;
        started.now();
        await moment().come;
      });
      await started.come;
      await sender.tasks.revoke(id);
      await worker.close();
      worker = await startWorker();
      await worker.untilState(id, 'REVOKED');
      expect(runs).toBe(1);
    });
  });

  it('only of what waits leaves a run alone', async () => {
    const [started, finish] = [moment(), moment()];
    const worker = await startWorker();
    const id = await play(async () => {
      started.now();
      await finish.come;
    });
    await started.come;
    expect(await sender.tasks.revokeWaiting(id)).toBe(false);
    expect(await sender.tasks.revokeWaiting('nobody')).toBe(false);
    finish.now();
    await worker.untilState(id, 'SUCCESS');
    await worker.close();
    const waiting = await play(() => undefined);
    expect(await sender.tasks.revokeWaiting(waiting)).toBe(true);
    const rows: unknown = await sender.database.dataSource.query('SELECT FROM revoked_task WHERE task_id = $1', [id]);
    expect(rows).toEqual([]);
  });
});
