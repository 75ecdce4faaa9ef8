import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TaskContext, TaskHandler } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { tick } from '../fixtures/beat-app.js';
import { BeatTeam } from '../fixtures/beat-team.js';
import { PostgresServer } from '../fixtures/postgres-server.js';
import { createScheduleDatabase } from '../fixtures/schedule-app.js';
import { startTaskApp } from '../fixtures/task-app.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';
import { createTestVhost } from '../services/index.js';
import { expectEachOnce, expectOneMessageEach } from './expect-each-once.js';

const ALL_HAVE_RUN = `SELECT 1 WHERE NOT EXISTS (SELECT FROM task WHERE state <> 'SUCCESS') AND EXISTS (SELECT FROM task)`;

/** The ids of the tasks that were run, once for each run. */
const runs: string[] = [];

@Injectable()
class Handlers {
  @TaskHandler(tick)
  run(_input: unknown, task: TaskContext): void {
    runs.push(task.id);
  }
}

describe('two beats', () => {
  let ends: Array<() => Promise<unknown>>;

  beforeEach(() => {
    ends = [];
  });

  afterEach(async () => {
    for (const end of ends.toReversed()) await end();
  });

  it('write tasks while RabbitMQ is away, which run once each when it is back', async () => {
    const vhost = await createTestVhost();
    const line = await TcpProxy.to(vhost.brokerUrl);
    const team = await BeatTeam.start({ brokerUrl: line.url });
    ends.push(
      () => vhost.drop(),
      () => line.close(),
      () => team.stop(),
    );
    const { database } = team;
    const worker = await startTaskApp({
      contracts: [tick],
      providers: [Handlers],
      broker: { urls: [line.url] },
      beside: { database, vhost },
    });
    ends.push(() => worker.close());
    await team.startBeats(2);
    const names = await team.addEverySecond(10);
    await team.until(`SELECT 1 FROM task WHERE state = 'SUCCESS'`);
    line.refuse();
    await team.untilTicks('every second 0', 3);
    await team.until('SELECT 1 FROM outbox HAVING count(*) >= 20');
    line.accept();
    await team.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM outbox)');
    await team.untilTicks('every second 0', 1);
    await expectEachOnce(team);
    for (const name of names) await team.book.disable(name);
    await team.until(ALL_HAVE_RUN);
    const ids = (await team.ticks()).map(({ task_id: id }) => id);
    expect(runs.toSorted()).toEqual(ids.toSorted());
  });

  it('go on when Postgres was restarted, and have left out nothing', async () => {
    const postgres = await PostgresServer.start();
    ends.push(() => postgres.destroy());
    const database = await createScheduleDatabase(postgres.url);
    const team = await BeatTeam.start({ database });
    ends.push(
      () => database.dataSource.destroy(),
      () => team.stop(),
    );
    const beats = await team.startBeats(2);
    await team.addEverySecond(10);
    await team.untilTicks('every second 0', 2);
    const noticed = beats.map((beat) => beat.line(/Postgres is away, and periodic tasks wait/));
    await postgres.stop();
    await Promise.all(noticed);
    await postgres.restart();
    await team.untilTicks('every second 0', 4);
    await expectEachOnce(team);
    await expectOneMessageEach(team);
    expect(beats.map(({ running }) => running)).toEqual([true, true]);
  });
});
