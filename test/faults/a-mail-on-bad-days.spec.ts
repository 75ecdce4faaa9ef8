import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'amqplib';
import { AppProcess } from '../fixtures/app-process.js';
import { loadForm, sendForm, showMail, waitForState } from '../fixtures/form.js';
import { MailCatcher, smtpError } from '../fixtures/mail-catcher.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';
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

  it('is accepted at once while RabbitMQ is stopped, and sent once when it is back', async () => {
    const webUrl = await startWeb();
    const worker = await start('worker');
    const form = await loadForm(webUrl);
    await rabbitMq.stop();
    await worker.line(/RabbitMQ is away \(consuming\)/);
    const response = await form.send({ email: 'ann@example.com', msg: 'While RabbitMQ was away' });
    expect(response.status).toBe(303);
    const id = (response.headers.get('location') ?? '').replace(/.*\/mails\//, '');
    expect(await showMail(webUrl, id)).toMatchObject({ state: 'queued' });
    const sent = waitForState(webUrl, id, 'sent');
    await rabbitMq.restart();
    await sent;
    const mails = await catcher.caught(1);
    expect(mails.map(({ email }) => email.text)).toEqual(['\tWhile RabbitMQ was away\n\nThank you!\n']);
  });

  it('goes out once when its message is delivered twice', async () => {
    const webUrl = await startWeb();
    const connection = await connect(rabbitMq.brokerUrl);
    const channel = await connection.createConfirmChannel();
    const id = await sendForm(webUrl);
    let message = await channel.get('mail');
    while (message === false) message = await channel.get('mail');
    const { content, properties } = message;
    channel.ack(message);
    for (let copy = 0; copy < 3; copy += 1) {
      const headers = { ...properties.headers, 'celeriac-generation': { '!': 'int32', value: 0 } };
      channel.publish('mail', 'mail', content, { ...properties, headers });
    }
    await channel.waitForConfirms();
    const worker = await start('worker');
    await waitForState(webUrl, id, 'sent');
    // A second mail behind them in the queue: when it is sent, the copies have been dealt with.
    const other = await sendForm(webUrl, { email: 'other@example.com' });
    await waitForState(webUrl, other, 'sent');
    expect(await worker.stop()).toBe(0);
    expect(catcher.mails.map(({ to }) => to)).toEqual([['ann@example.com'], ['other@example.com']]);
    expect((await channel.checkQueue('mail')).messageCount).toBe(0);
    await connection.close();
  });

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

  it('is accepted again after the links to Postgres have died without a word', async () => {
    const proxy = await TcpProxy.to(database.url);
    const url = new URL(database.url);
    url.port = String(proxy.port);
    const webUrl = await startWeb({ DATABASE_URL: url.toString() });
    await sendForm(webUrl, { msg: 'Before' });
    const form = await loadForm(webUrl);
    proxy.freeze();
    // The one that was under way gets its answer when the statement has timed out; the next one has a new link.
    expect((await form.send({ msg: 'Into the dark' })).status).toBe(503);
    expect((await form.send({ msg: 'After' })).status).toBe(303);
    const open = await database.dataSource.query(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'
       AND state_change < now() - interval '5 seconds'`,
    );
    expect(open).toEqual([]);
    await proxy.close();
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
