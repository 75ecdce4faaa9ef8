import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppProcess } from '../fixtures/app-process.js';
import { sendForm, showMail, waitForState } from '../fixtures/form.js';
import { MailCatcher, smtpError } from '../fixtures/mail-catcher.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { RabbitMqNode } from '../services/index.js';

/** Short, so that a killed worker's mail need not wait long for another one. */
const LEASE_SECONDS = 2;

describe('a mail on bad days', () => {
  let rabbitMq: RabbitMqNode;
  let database: TaskDatabase;
  let catcher: MailCatcher;
  let processes: AppProcess[];

  beforeAll(async () => {
    rabbitMq = await RabbitMqNode.start();
  });

  afterAll(() => rabbitMq.destroy());

  beforeEach(async () => {
    database = await createTaskDatabase();
    catcher = await MailCatcher.start();
    processes = [];
  });

  afterEach(async () => {
    await Promise.all(processes.map((app) => app.stop('SIGKILL')));
    await catcher.stop();
    await database.drop();
  });

  async function start(name: 'web' | 'worker', extra: Record<string, string> = {}): Promise<AppProcess> {
    const app = await AppProcess.start(name, {
      DATABASE_URL: database.url,
      BROKER_URL: rabbitMq.brokerUrl,
      EMAIL_BACKEND: 'smtp',
      EMAIL_PORT: String(catcher.port),
      WORKER_LEASE: String(LEASE_SECONDS),
      RATE_LIMIT_PER_MINUTE: '1000',
      ...extra,
    });
    processes.push(app);
    return app;
  }

  async function startWeb(extra: Record<string, string> = {}): Promise<string> {
    const web = await start('web', { WEB_PORT: '0', ...extra });
    const listening = await web.line(/Listening on/);
    return /http:\S+/.exec(listening)?.[0] ?? '';
  }

  it('is tried again when the mail server is busy, under the same Message-ID', async () => {
    const webUrl = await startWeb();
    const seen: string[] = [];
    catcher.script = {
      onMail: ({ email }) => {
        seen.push(email.messageId ?? '');
        if (seen.length === 1) throw smtpError(451, 'Busy, come again');
      },
    };
    await start('worker');
    const id = await sendForm(webUrl);
    await waitForState(webUrl, id, 'retrying');
    expect(await showMail(webUrl, id)).toMatchObject({
      attempts: [{ outcome: 'RETRY', error: expect.stringContaining('Busy') }],
    });
    await waitForState(webUrl, id, 'sent');
    expect(seen).toEqual([`<${id}@example.com>`, `<${id}@example.com>`]);
  });

  it('does not hold up the stop of a web app that RabbitMQ holds back', async () => {
    const webUrl = await startWeb();
    const [web] = processes;
    await rabbitMq.ctl('set_vm_memory_high_watermark', '0.0000001');
    try {
      const id = await sendForm(webUrl);
      await web?.line(/holds publishers back/);
      expect(await web?.stop()).toBe(0);
      const rows = await database.dataSource.query(
        'SELECT outbox.id FROM outbox JOIN mail ON mail.task_id = outbox.task_id WHERE mail.id = $1',
        [id],
      );
      expect(rows).toHaveLength(1);
    } finally {
      await rabbitMq.ctl('set_vm_memory_high_watermark', '0.4');
    }
  });

  it('is finished by a worker that is told to stop', async () => {
    const webUrl = await startWeb();
    let finish: () => void = () => undefined;
    let reached: () => void = () => undefined;
    const atMail = new Promise<void>((resolve) => (reached = resolve));
    catcher.script = {
      onMail: () => {
        reached();
        return new Promise((resolve) => (finish = resolve));
      },
    };
    const worker = await start('worker');
    const id = await sendForm(webUrl);
    await atMail;
    const stopped = worker.stop('SIGTERM');
    finish();
    expect(await stopped).toBe(0);
    expect(await showMail(webUrl, id)).toMatchObject({ state: 'sent' });
  });
});
