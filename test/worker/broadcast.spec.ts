import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  broadcastExchange,
  deadLetterQueue,
  defineBroadcast,
  TaskContext,
  TaskHandler,
  TaskServer,
  type Broker,
  type BroadcastContract,
} from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { connect } from 'amqplib';
import { z } from 'zod';
import { BROKER } from '../../libs/tasks/src/tasks.module-definition.js';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { broadcastQueue } from '../../libs/tasks/src/broker/broadcast-topology.js';
import { foreignRequest, worker as aWorker } from '../../libs/tasks/src/testing/conformance/store/builders.js';
import { Reconciler } from '../../libs/tasks/src/upkeep/reconciler.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const input = z.object({ cache: z.string() });
const empty = defineBroadcast({ name: 'test.empty', queue: 'work', input, retryBackoff: 0 });

/** What the handlers have run, `<worker> <cache>` each. */
let runs: string[] = [];
/** Those that fail, as often as they are named. */
let failing: string[] = [];

@Injectable()
class Handlers {
  @TaskHandler(empty)
  empty({ cache }: { cache: string }, { hostname }: TaskContext): string {
    const run = `${hostname} ${cache}`;
    runs.push(run);
    const index = failing.indexOf(run);
    if (index >= 0) throw new Error(`${failing.splice(index, 1)[0]} fails`);
    return run;
  }
}

describe('a broadcast', () => {
  let sender: TaskApp;
  const started: TaskApp[] = [];

  beforeEach(async () => {
    runs = [];
    failing = [];
    sender = await startTaskApp({ providers: [], worker: null });
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((app) => app.close()));
    await sender.drop();
  });

  /** Resolves when it consumes. */
  async function start(name: string, providers = [Handlers]): Promise<TaskApp> {
    const app = await startTaskApp({ providers, worker: { name: `${name}@test` }, beside: sender });
    started.push(app);
    while (!app.get(TaskServer).ready) await new Promise((resolve) => setImmediate(resolve));
    return app;
  }

  async function stop(app: TaskApp): Promise<void> {
    started.splice(started.indexOf(app), 1);
    await app.close();
  }

  function idOf(broadcast: { id: string }, name: string): string {
    return `${broadcast.id}@${name}@test`;
  }

  /** Resolves when all of them have run it. */
  async function untilRun(broadcast: { id: string }, ...names: string[]): Promise<void> {
    await Promise.all(names.map((name) => sender.untilState(idOf(broadcast, name), 'SUCCESS')));
  }

  /** As others send it: as often as said. */
  async function publish(id: string, kwargs: object, times = 1): Promise<void> {
    const connection = await connect(sender.vhost.brokerUrl);
    const channel = await connection.createConfirmChannel();
    for (let time = 0; time < times; time += 1) {
      channel.publish(broadcastExchange('work'), '', Buffer.from(JSON.stringify([[], kwargs, null])), {
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        headers: { id, task: empty.name, lang: 'py', retries: { '!': 'int32', value: 0 } },
      });
    }
    await channel.waitForConfirms();
    await connection.close();
  }

  it('is run by each worker once, and says who they are', async () => {
    await start('ann');
    await start('bob');
    const sent = await sender.tasks.broadcast(empty, { cache: 'prices' });
    expect(sent.workers).toEqual(['ann@test', 'bob@test']);
    await untilRun(sent, 'ann', 'bob');
    expect(runs.toSorted()).toEqual(['ann@test prices', 'bob@test prices']);
    await expect(sent.of('bob@test').get()).resolves.toBe('bob@test prices');
    await expect(sender.tasks.result(idOf(sent, 'ann')).get()).resolves.toBe('ann@test prices');
    expect(await sender.rowOf(sent.id)).toBeUndefined();
    expect(await sender.rowOf(idOf(sent, 'ann'))).toMatchObject({ queue: 'work', attempt: 1 });
  });

  it('is not seen by a worker that starts later', async () => {
    await start('ann');
    const before = await sender.tasks.broadcast(empty, { cache: 'before' });
    await untilRun(before, 'ann');
    await start('bob');
    const after = await sender.tasks.broadcast(empty, { cache: 'after' });
    await untilRun(after, 'ann', 'bob');
    expect(runs.toSorted()).toEqual(['ann@test after', 'ann@test before', 'bob@test after']);
  });

  it('is run once, however often it comes', async () => {
    await start('ann');
    await publish('often', { cache: 'prices' }, 3);
    await untilRun({ id: 'often' }, 'ann');
    await publish('often', { cache: 'prices' }, 2);
    await publish('last', { cache: 'last' });
    await untilRun({ id: 'last' }, 'ann');
    expect(runs).toEqual(['ann@test prices', 'ann@test last']);
  });

  it('is tried again by the worker that failed, and by nobody else', async () => {
    await start('ann');
    await start('bob');
    failing = ['ann@test prices', 'ann@test prices'];
    const sent = await sender.tasks.broadcast(empty, { cache: 'prices' });
    await untilRun(sent, 'ann', 'bob');
    expect(runs.toSorted()).toEqual(['ann@test prices', 'ann@test prices', 'ann@test prices', 'bob@test prices']);
    expect(await sender.rowOf(idOf(sent, 'ann'))).toMatchObject({ retries: 2 });
    expect(await sender.rowOf(idOf(sent, 'bob'))).toMatchObject({ retries: 0 });
  });

  it('waits for a worker that is away for a moment', async () => {
    const ann = await start('ann');
    await stop(ann);
    const sent = await sender.tasks.broadcast(empty, { cache: 'prices' });
    expect(sent.workers).toEqual([]);
    await start('bob');
    await start('ann');
    await untilRun(sent, 'ann');
    expect(runs).toEqual(['ann@test prices']);
  });

  it('is run again by a worker that died in the middle of it, when it is back', async () => {
    await stop(await start('ann'));
    const id = idOf({ id: 'left' }, 'ann');
    // A worker of that name that has claimed it and is not there any more.
    const gone = new PostgresWorkerStore(sender.database.dataSource, aWorker('ann'));
    await gone.renewLease(60_000);
    const { foreign, ...rest } = foreignRequest(id);
    const message = { ...foreign!.message, exchange: '', routingKey: broadcastQueue('work', 'ann@test') };
    const claim = { ...rest, foreign: { ...foreign!, name: empty.name, queue: 'work', message } };
    expect(await gone.claim([claim])).toMatchObject([{ verdict: 'run' }]);
    await gone.renewLease(0);
    await gone.close();
    await publish('left', { cache: 'prices' });
    await start('bob');
    await start('ann');
    await untilRun({ id: 'left' }, 'ann');
    expect(runs).toEqual(['ann@test prices']);
    expect(await sender.rowOf(id)).toMatchObject({ attempt: 2, deaths: 1 });
  });

  it('reaches a worker again whose own queue was deleted', async () => {
    const ann = await start('ann');
    const connection = await connect(sender.vhost.brokerUrl);
    const channel = await connection.createChannel();
    await channel.deleteQueue(broadcastQueue('work', 'ann@test'));
    await connection.close();
    const broker = ann.get<Broker>(BROKER);
    while ((await broker.queueInfo(broadcastQueue('work', 'ann@test')))?.consumers !== 1);
    await untilRun(await sender.tasks.broadcast(empty, { cache: 'prices' }), 'ann');
    expect(runs).toEqual(['ann@test prices']);
  });

  describe('that a worker has put off', () => {
    const HOUR_AGO = `now() - interval '1 hour'`;
    let ann: TaskApp;
    let id: string;

    beforeEach(async () => {
      ann = await start('ann');
      await start('bob', []);
      id = idOf(await sender.tasks.broadcast(empty, { cache: 'prices' }, { countdown: 3600 }), 'ann');
      await sender.untilRow(id, ({ wait_reason: reason }) => reason === 'scheduled');
    });

    function change(statement: string): Promise<unknown> {
      return sender.database.dataSource.query(statement);
    }

    it('is brought back by its own process when the message is lost, and by no other one', async () => {
      await change(`UPDATE task SET created_at = ${HOUR_AGO}, started_at = ${HOUR_AGO}, due_at = ${HOUR_AGO}`);
      await change('DELETE FROM outbox');
      expect(await sender.get(Reconciler).runOnce()).toBe(0);
      expect(await ann.get(Reconciler).runOnce()).toBe(1);
      await sender.untilState(id, 'SUCCESS');
      expect(runs).toEqual(['ann@test prices']);
    });

    it('fails when the worker has not come back', async () => {
      await stop(ann);
      expect(await sender.get(Reconciler).runOnce()).toBe(0);
      expect(await sender.rowOf(id)).toMatchObject({ state: 'PENDING' });
      await change(`UPDATE worker SET lease_until = ${HOUR_AGO} WHERE name = 'ann@test'`);
      await sender.get(Reconciler).runOnce();
      expect(await sender.rowOf(id)).toMatchObject({ state: 'FAILURE', error: { type: 'WorkerLostError' } });
      expect(await change('SELECT FROM outbox')).toEqual([]);
    });
  });

  it('of which nobody can be told is done with', async () => {
    const sent = await sender.tasks.broadcast(empty, { cache: 'prices' });
    expect(sent.workers).toEqual([]);
    const letters = async (): Promise<unknown[]> => sender.database.dataSource.query('SELECT FROM outbox');
    while ((await letters()).length > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('is sent when the transaction commits that it is part of, and not otherwise', async () => {
    await start('ann');
    const { dataSource } = sender.database;
    const rolledBack = dataSource.transaction(async (manager) => {
      await sender.tasks.within(manager).broadcast(empty, { cache: 'rolled back' });
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    const sent = await dataSource.transaction((manager) =>
      sender.tasks.within(manager).broadcast(empty, { cache: 'committed' }),
    );
    await untilRun(sent, 'ann');
    expect(runs).toEqual(['ann@test committed']);
  });

  it('waits for its countdown', async () => {
    await start('ann');
    const sent = await sender.tasks.broadcast(empty, { cache: 'later' }, { countdown: 3600 });
    const row = await sender.untilRow(idOf(sent, 'ann'), ({ wait_reason: reason }) => reason === 'scheduled');
    expect(row).toMatchObject({ state: 'PENDING' });
    expect(runs).toEqual([]);
  });

  it('is not run where its run was revoked, also before the worker has seen it', async () => {
    await stop(await start('ann'));
    await start('bob');
    const sent = await sender.tasks.broadcast(empty, { cache: 'prices' });
    await expect(sent.of('ann@test').revoke()).resolves.toBe('unknown');
    await start('ann');
    await sender.untilState(idOf(sent, 'ann'), 'REVOKED');
    await untilRun(sent, 'bob');
    expect(runs).toEqual(['bob@test prices']);
  });

  it('whose input is wrong goes to the dead letters of the queue', async () => {
    const ann = await start('ann');
    await publish('wrong', { cache: 1 });
    await sender.untilState(idOf({ id: 'wrong' }, 'ann'), 'FAILURE');
    const broker = ann.get<Broker>(BROKER);
    while ((await broker.queueInfo(deadLetterQueue('work')))?.messages !== 1);
  });

  it('is not to be sent as a task that one worker runs', async () => {
    const contract = empty as Omit<BroadcastContract<{ cache: string }>, 'broadcast'>;
    await expect(sender.tasks.delay(contract, { cache: 'prices' })).rejects.toThrow(
      'Task test.empty has broadcast=true: expected a call of TaskClient.broadcast().',
    );
  });

  it('goes to one of the workers that have the same name, and the second of them says so', async () => {
    const first = await start('ann');
    const second = await start('ann');
    const warned = /A worker named ann@test is there already/;
    expect([first, second].map(({ log }) => log.some((line) => warned.test(line)))).toEqual([false, true]);
    const sent = await sender.tasks.broadcast(empty, { cache: 'prices' });
    expect(sent.workers).toEqual(['ann@test']);
    await untilRun(sent, 'ann');
    expect(runs).toEqual(['ann@test prices']);
  });
});
