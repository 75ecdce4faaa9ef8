import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sendEmail } from '@celeriac/mail';
import { AppProcess } from '../fixtures/app-process.js';
import { untilHealth } from '../fixtures/health.js';
import { MailApp } from '../fixtures/mail-app.js';
import { startScheduleApp } from '../fixtures/schedule-app.js';
import { freePorts } from '../services/index.js';

const ENTRY = 'test.every_second';
const SENT = /Sent mail\.send_email\[/;

describe('beat, as processes run it', () => {
  let app: MailApp;

  beforeAll(async () => {
    app = await MailApp.start();
  });

  afterEach(() => app.reset());

  afterAll(() => app.stop());

  /** Its tasks are sent as they should; of their mail nobody knows. */
  async function addEntry(): Promise<void> {
    const { book, close } = await startScheduleApp(app.database, { contracts: [sendEmail], beat: false });
    await book.add({
      name: ENTRY,
      task: sendEmail.name,
      schedule: { type: 'interval', every: 1, period: 'seconds' },
      kwargs: {
        mailId: '0192d1a5-0000-7000-8000-000000000001',
        to: ['ann@example.com'],
        subject: 'Menu',
        message: 'Soup',
        acceptedAt: '2026-11-21T07:00:00Z',
      },
    });
    await close();
  }

  it('sends what is due to RabbitMQ, once also with another one beside it, and stops with what it began', async () => {
    await addEntry();
    const beats = await Promise.all([app.startBeat(), app.startBeat()]);
    await app.until(`SELECT 1 FROM schedule_tick WHERE entry = $1 HAVING count(*) >= 3`, ENTRY);
    // A round that is under way waits for this one.
    const held = app.database.dataSource.createQueryRunner();
    await held.startTransaction();
    await held.query('LOCK TABLE schedule_tick');
    await app.until(`SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
                     WHERE NOT granted AND datname = current_database()`);
    for (const beat of beats) beat.signal('SIGTERM');
    // The one with nothing in hand: by then the other one would have let go of RabbitMQ, too.
    expect(await Promise.race(beats.map((beat) => beat.ended()))).toBe(0);
    await held.commitTransaction();
    await held.release();
    expect(await Promise.all(beats.map((beat) => beat.ended()))).toEqual([0, 0]);
    const [counted] = await app.database.dataSource.query(
      `SELECT (SELECT count(*)::integer FROM schedule_tick JOIN task ON task.id = task_id WHERE entry = $1) AS ticks,
              (SELECT count(*)::integer FROM task WHERE name = $2) AS tasks,
              (SELECT count(*)::integer FROM outbox) AS waiting`,
      [ENTRY, sendEmail.name],
    );
    expect(counted.tasks).toBeGreaterThan(3);
    expect(counted).toEqual({ ticks: counted.tasks, tasks: counted.tasks, waiting: 0 });
    expect(await app.messageCount()).toBe(counted.tasks);
    const said = beats.flatMap(({ lines }) => lines).filter((line) => SENT.test(line));
    expect(said).toHaveLength(counted.tasks);
  });

  it("writes the entries of the code, and takes the code's for what was changed when it is told to --reset", async () => {
    const first = await app.startBeat();
    const [, name] = /Entry "(.*)" is new/.exec(await first.line(/is new/)) ?? [];
    expect(await first.stop()).toBe(0);
    await app.database.dataSource.query(`UPDATE schedule_entry SET description = 'mine' WHERE name = $1`, [name]);
    const second = await AppProcess.start('beat', { DATABASE_URL: app.database.url, BROKER_URL: app.brokerUrl }, [
      'apps/beat/dist/main.js',
      '--reset',
    ]);
    expect(await second.stop()).toBe(0);
    expect(second.lines.join('\n')).toContain(`Entry "${name}" follows the code: description.`);
  });

  it('is ready while Postgres is there, says why it is not, and tells its metrics', async () => {
    const line = await app.proxyTo('database');
    const [port] = (await freePorts(1)) as [number];
    const beat = await app.startBeat({ DATABASE_URL: line.url, BEAT_HEALTH_PORT: String(port) });
    expect(await untilHealth(port, 200)).toEqual({ status: 'ok' });
    line.refuse();
    await beat.line(/Postgres is away, and periodic tasks wait/);
    expect(await untilHealth(port, 503)).toEqual({
      status: 'error',
      reason: expect.stringMatching(/^Postgres is away, and periodic tasks wait: .+$/),
    });
    expect(await (await fetch(`http://127.0.0.1:${port}/livez`)).json()).toEqual({ status: 'ok' });
    line.accept();
    await untilHealth(port, 200);
    await addEntry();
    await beat.line(SENT);
    await expectMetrics(port);
    expect(await beat.stop()).toBe(0);
  });

  it('BEAT_INSIDE=worker: a worker sends what is due, and its port has the metrics', async () => {
    await addEntry();
    const [port] = (await freePorts(1)) as [number];
    const worker = await app.startWorker({ BEAT_INSIDE: 'worker', WORKER_HEALTH_PORT: String(port) });
    await worker.line(SENT);
    await untilHealth(port, 200);
    await expectMetrics(port);
    await expectOnlyBeats(worker);
  });

  it('BEAT_INSIDE=web: a web app sends what is due', async () => {
    await addEntry();
    const web = await app.startWeb({ BEAT_INSIDE: 'web' });
    await web.line(SENT);
    await expectOnlyBeats(web);
  });

  it('without BEAT_INSIDE neither does', async () => {
    await addEntry();
    const others = await Promise.all([app.startWeb(), app.startWorker()]);
    const beat = await app.startBeat();
    await beat.line(SENT);
    await expectOnlyBeats(beat);
    for (const other of others) expect(other.lines.filter((line) => SENT.test(line))).toEqual([]);
  });

  /** Whatever was sent, this process has sent it. */
  async function expectOnlyBeats(beat: AppProcess): Promise<void> {
    expect(await beat.stop()).toBe(0);
    const ticks = await app.database.dataSource.query('SELECT FROM schedule_tick WHERE entry = $1', [ENTRY]);
    expect(beat.lines.filter((line) => SENT.test(line))).toHaveLength(ticks.length);
  }
});

/** Those of the process, and those of beat, which has sent something. */
async function expectMetrics(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const body = await answer.text();
  expect(body).toMatch(/^process_cpu_seconds_total \d/m);
  expect(body).toMatch(/^celeriac_beat_lateness_seconds_count(\{.*\})? [1-9]/m);
}
