import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from '../fixtures/app-process.js';
import { MailApp } from '../fixtures/mail-app.js';
import { smtpError } from '../fixtures/mail-catcher.js';
import { expectAllSent } from './expect-all-sent.js';

const CLOCK = pathToFileURL(join(process.cwd(), 'test/dist/fixtures/settable-clock.js')).href;
const SETTINGS = { NODE_OPTIONS: `--import=${CLOCK}` };

/** The wall clock of web and worker goes back by a minute while they run. Postgres has another machine's clock. */
describe('when the clock is set back', () => {
  let app: MailApp;

  beforeAll(async () => {
    app = await MailApp.start();
  });

  afterEach(() => app.reset());

  afterAll(() => app.stop());

  async function setBack(...processes: AppProcess[]): Promise<void> {
    const set = processes.map((process) => process.nextLine(/The clock was set to/));
    for (const process of processes) process.signal('SIGUSR2');
    await Promise.all(set);
  }

  it('mails go on, those in the middle and those that come after', async () => {
    const [web, worker] = await Promise.all([app.startWeb(SETTINGS), app.startWorker(SETTINGS)]);
    const load = app.sendMany(60);
    await load.reached(20);
    await setBack(web, worker);
    await load.done;
    await expectAllSent(app, load);
    expect([await web.stop(), await worker.stop()]).toEqual([0, 0]);
  });

  it('a lease is kept, and nobody takes over what is being sent', async () => {
    const line = await app.proxyTo('broker');
    await app.startWeb();
    const slow = await app.startWorker({ ...SETTINGS, WORKER_NAME: 'slow@test', BROKER_URL: line.url });
    const held = app.catcher.hold('recipient');
    const id = await app.sendForm();
    await held.reached;
    const other = await app.startWorker({ ...SETTINGS, WORKER_NAME: 'other@test' });
    await setBack(slow, other);
    line.refuse();
    await app.until(`SELECT 1 FROM task WHERE wait_reason = 'lease' AND generation >= 2`);
    held.letGo();
    await app.waitForState(id, 'sent');
    expect(await app.showMail(id)).toMatchObject({ attempts: [{ number: 1, worker: 'slow@test' }] });
  });

  it('a backoff is as long as it was', async () => {
    const [web, worker] = await Promise.all([app.startWeb(SETTINGS), app.startWorker(SETTINGS)]);
    app.catcher.script = {
      onRecipient: () => {
        throw smtpError(451, 'Come again');
      },
    };
    await setBack(worker);
    const id = await app.sendForm();
    await app.waitForState(id, 'retrying');
    app.catcher.script = {};
    await setBack(web, worker);
    await app.waitForState(id, 'sent');
    const [row] = await app.database.dataSource.query(
      `SELECT second.started_at >= first.finished_at AS after, second.started_at < first.finished_at + interval '1 minute' AS soon
       FROM task_attempt first JOIN task_attempt second USING (task_id) WHERE first.number = 1 AND second.number = 2`,
    );
    expect(row).toEqual({ after: true, soon: true });
  });
});
