import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Entry } from '@celeriac/schedule';
import type { AppProcess } from '../fixtures/app-process.js';
import { celeriac, DemoPlace, fixtureApp } from '../fixtures/cli/celeriac.js';
import { createTaskDatabase } from '../fixtures/task-database.js';

const EVERY_SECOND = { PERIODIC_PAUSE: '1' };

describe('celeriac beat', () => {
  let place: DemoPlace;
  let processes: AppProcess[];

  beforeEach(async () => {
    place = await DemoPlace.createPeriodic();
    processes = [];
  });

  afterEach(async () => {
    for (const each of processes) await each.stop('SIGKILL');
    await place.drop();
  });

  async function start(args: string[] = [], environment: Record<string, string> = {}): Promise<AppProcess> {
    const beat = await place.startBeat(args, environment);
    processes.push(beat);
    return beat;
  }

  async function sum(): Promise<Entry> {
    return place.json<Entry>('schedule', 'show', 'sum');
  }

  it('writes the entries of the code, sends what is due to RabbitMQ, and ends with 0 when it is stopped', async () => {
    const beat = await start([], EVERY_SECOND);
    expect(beat.lines.join('\n')).toMatch(/Entry "sum" is new\./);
    expect(await beat.line(/Sending what is due/)).toMatch(/1 periodic task; next is "sum", due 20\S+ \S+\.$/);
    const sent = await beat.line(/Sent demo\.add\[.*entry "sum"/);
    const id = /\[(\S+)\]/.exec(sent.slice(sent.indexOf('demo.add')))?.[1] ?? '';
    expect(await beat.stop('SIGINT')).toBe(0);
    const worker = await place.startWorker();
    processes.push(worker);
    expect(await place.json('result', id, '--wait', '60')).toMatchObject({ state: 'SUCCESS', result: 3 });
  });

  it('hears of what is added while it runs', async () => {
    const beat = await start();
    await place.run('schedule', 'add', 'often', 'demo.late', '--every', '1s');
    await beat.line(/Sent demo\.late/);
  });

  it('leaves what was changed in the database as it is, until it is to --reset it', async () => {
    await (await start()).stop();
    await place.run('schedule', 'disable', 'sum');
    const kept = await start([], { PERIODIC_X: '5' });
    await kept.line(/Entry "sum" keeps what was changed in the database, against the code: enabled/);
    await kept.line(/1 periodic task, 1 disabled\.$/);
    await kept.stop();
    expect(await sum()).toMatchObject({ enabled: false, kwargs: { x: 5, y: 2 }, changed: ['enabled'] });
    await (await start(['--reset'], { PERIODIC_X: '5' })).stop();
    expect(await sum()).toMatchObject({ enabled: true, changed: [] });
  });

  it('runs as an app wants it that has a BeatModule of its own', async () => {
    const environment = { CELERIAC_APP: fixtureApp('beat-app') };
    expect(await (await start([], environment)).stop()).toBe(0);
    expect(await celeriac(['beat', '--reset'], { ...place.environment, ...environment })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'error: The app has a BeatModule of its own, which says what --reset would: leave out the option, or the module.\n',
    });
  });

  it('runs inside a worker', async () => {
    const worker = await place.startWorker('--beat', '-Q', 'work');
    processes.push(worker);
    await worker.line(/Sending what is due: 1 periodic task/);
    await place.run('schedule', 'add', 'often', 'demo.add', '--every', '1s', '--args', '[3, 4]');
    const sent = await worker.line(/Sent demo\.add/);
    const id = /demo\.add\[(\S+)\]/.exec(sent)?.[1] ?? '';
    expect(await place.json('result', id, '--wait', '60')).toMatchObject({ state: 'SUCCESS', result: 7 });
    expect(await worker.stop()).toBe(0);
  });
});

describe('beat for an app that cannot have it', () => {
  it('says that its module has no ScheduleModule', async () => {
    const place = await DemoPlace.create();
    for (const args of [['beat'], ['worker', '-B'], ['schedule', 'list']]) {
      const { exitCode, stderr } = await place.run(...args);
      expect(stderr).toMatch(
        /^error: The module of \S+demo-app\.js does not import ScheduleModule: add ScheduleModule\.forRoot\(\.\.\.\) to its imports\.\n$/,
      );
      expect(exitCode).toBe(78);
    }
    await place.drop();
  });

  it('says that the database is not migrated', async () => {
    const place = await DemoPlace.createPeriodic();
    const database = await createTaskDatabase(undefined, { entities: [], migrations: [] });
    try {
      for (const args of [['beat'], ['worker', '-B'], ['schedule', 'list']]) {
        const result = await celeriac(args, { ...place.environment, DATABASE_URL: database.url });
        expect(result).toMatchObject({
          exitCode: 78,
          stderr: expect.stringMatching(/^error: .*: celeriac migrate\.\n$/m),
        });
      }
    } finally {
      await database.drop();
      await place.drop();
    }
  });

  it('says that its DataSource has no entries', async () => {
    const place = await DemoPlace.createPeriodic();
    const environment = { ...place.environment, PERIODIC_TABLES: 'none' };
    for (const args of [['beat'], ['worker', '-B'], ['schedule', 'list']]) {
      const { exitCode, stderr } = await celeriac(args, environment);
      expect(stderr).toMatch(
        /^error: The app's DataSource has no periodic tasks: add scheduleEntities to its entities/,
      );
      expect(exitCode).toBe(78);
    }
    await place.drop();
  });
});
