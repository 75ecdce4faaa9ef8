import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MAIL_EVENTS, WEBHOOKS_QUEUE } from '@celeriac/mail';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import type { AppProcess } from '../fixtures/app-process.js';
import { MailApp } from '../fixtures/mail-app.js';
import { isSigned, WebhookReceiver } from '../fixtures/webhook-receiver.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const TOKEN = 'a-token-that-nobody-may-see';
/** Tried again at once, so that no test waits for a backoff. */
const AT_ONCE = JSON.stringify({ 'mail.deliver_webhook': { retryBackoff: 0, maxRetries: 2 } });

interface DeliveryRow {
  id: string;
  state: string;
  retries: number;
  result: unknown;
  error: { type: string; message: string } | null;
}

describe('webhooks', () => {
  let app: MailApp;
  let receiver: WebhookReceiver;
  let raw: ChannelModel;
  let channel: Channel;

  beforeEach(async () => {
    app = await MailApp.start();
    receiver = await WebhookReceiver.start();
    raw = await connect(app.brokerUrl);
    channel = await raw.createChannel();
  });

  afterEach(async () => {
    await raw.close();
    await app.stop();
    await receiver.stop();
  });

  /** The app, with one endpoint. */
  async function start(settings: Record<string, string> = {}): Promise<AppProcess> {
    const on = {
      WEBHOOK_URLS: receiver.url(`/hook?key=${TOKEN}`),
      WEBHOOK_SECRET: SECRET,
      TASK_ANNOTATIONS: AT_ONCE,
      ...settings,
    };
    await app.startWeb(on);
    return app.startWorker(on);
  }

  function deliveries(): Promise<DeliveryRow[]> {
    return app.database.dataSource.query(
      `SELECT id, state, retries, result, error FROM task WHERE name = 'mail.deliver_webhook' ORDER BY created_at, id`,
    );
  }

  async function untilDelivery(state: string, count = 1): Promise<void> {
    await app.until(
      `SELECT 1 FROM task WHERE name = 'mail.deliver_webhook' AND state = $1 HAVING count(*) >= $2`,
      state,
      count,
    );
  }

  it('tell the endpoint of each event once, in a request that verifies', async () => {
    await start();
    const id = await app.sendForm();
    await untilDelivery('SUCCESS', 2);
    expect(receiver.types.toSorted()).toEqual(['mail.accepted', 'mail.sent']);
    for (const webhook of receiver.received) {
      expect(isSigned(webhook, SECRET)).toBe(true);
      expect(isSigned({ ...webhook, body: `${webhook.body} ` }, SECRET)).toBe(false);
      expect(webhook).toMatchObject({
        path: `/hook?key=${TOKEN}`,
        headers: { 'content-type': 'application/json', 'user-agent': 'celeriac' },
      });
      expect(JSON.parse(webhook.body)).toEqual({
        id: webhook.headers['webhook-id'],
        type: expect.stringMatching(/^mail\./),
        timestamp: expect.stringMatching(/Z$/),
        data: {
          mailId: id,
          recipients: [expect.objectContaining({ address: 'ann@example.com' })],
          reason: null,
        },
      });
      const ageSeconds = Date.now() / 1000 - Number(webhook.headers['webhook-timestamp']);
      expect(Math.abs(ageSeconds)).toBeLessThan(60);
    }
    expect(await deliveries()).toMatchObject([{ result: { status: 204 } }, { result: { status: 204 } }]);
  });

  it('are sent again after a 500, under the same id', async () => {
    receiver.script = () => ({ status: receiver.received.length === 1 ? 500 : 200 });
    const worker = await start({ WEBHOOK_EVENTS: 'mail.accepted' });
    await app.sendForm();
    await untilDelivery('SUCCESS');
    const [first, second] = receiver.received;
    expect(receiver.received).toHaveLength(2);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    expect(receiver.received.map((webhook) => isSigned(webhook, SECRET))).toEqual([true, true]);
    expect(await worker.line(/is tried again/)).toContain('127.0.0.1');
  });

  it.each([
    [404, 3, 'WebhookFailedError', 'answered 404'],
    [302, 3, 'WebhookFailedError', 'answered 302'],
    [410, 1, 'WebhookRefusedError', 'answered 410'],
  ])('answered with %i come %i times, and have failed then', async (status, count, type, words) => {
    receiver.script = ({ path }) =>
      path === '/elsewhere' ? { status: 200 } : { status, headers: { location: receiver.url('/elsewhere') } };
    await start({ WEBHOOK_EVENTS: 'mail.accepted' });
    await app.sendForm();
    await untilDelivery('FAILURE');
    expect(receiver.received.map(({ path }) => path)).toEqual(
      Array.from({ length: count }, () => `/hook?key=${TOKEN}`),
    );
    expect(await deliveries()).toMatchObject([
      { retries: count - 1, error: { type, message: expect.stringContaining(words) } },
    ]);
  });

  it('come no earlier than the endpoint asks for', async () => {
    receiver.script = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await start({ WEBHOOK_EVENTS: 'mail.accepted' });
    await app.sendForm();
    await untilDelivery('RETRY');
    const [row] = await app.database.dataSource.query(
      `SELECT extract(epoch FROM due_at - now())::int AS seconds FROM task WHERE state = 'RETRY'`,
    );
    expect((row as { seconds: number }).seconds).toBeGreaterThan(3500);
  });

  it('are tried again when the endpoint is not there', async () => {
    const gone = await WebhookReceiver.start();
    const url = gone.url('/hook');
    await gone.stop();
    const worker = await start({ WEBHOOK_URLS: url, WEBHOOK_EVENTS: 'mail.accepted' });
    await app.sendForm();
    await untilDelivery('FAILURE');
    expect(await worker.line(/mail.deliver_webhook.* failed: /)).toContain('cannot be reached: ECONNREFUSED');
    expect(await deliveries()).toMatchObject([{ retries: 2 }]);
  });

  it('are not sent twice when their event comes twice', async () => {
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.assertExchange(MAIL_EVENTS, 'topic', { durable: true });
    await channel.bindQueue(queue, MAIL_EVENTS, '#');
    await start();
    await app.sendForm();
    await untilDelivery('SUCCESS', 2);
    for (let copies = 0; copies < 2; copies += 1) {
      const event = await channel.get(queue, { noAck: true });
      if (event === false) throw new Error('There is no event.');
      channel.publish(MAIL_EVENTS, event.fields.routingKey, event.content, event.properties);
    }
    // What comes after them has found them heard.
    await app.sendForm();
    await untilDelivery('SUCCESS', 4);
    expect(new Set(receiver.ids).size).toBe(4);
    expect(receiver.received).toHaveLength(4);
    expect(await deliveries()).toHaveLength(4);
  });

  it('go to each endpoint by itself', async () => {
    receiver.script = ({ path }) => ({ status: path === '/gone' ? 410 : 200 });
    await start({
      WEBHOOK_URLS: `${receiver.url('/one')}, ${receiver.url('/gone')}`,
      WEBHOOK_EVENTS: 'mail.accepted',
    });
    await app.sendForm();
    await untilDelivery('SUCCESS');
    await untilDelivery('FAILURE');
    expect(receiver.received.map(({ path }) => path).toSorted()).toEqual(['/gone', '/one']);
    expect(new Set(receiver.ids).size).toBe(1);
  });

  it('tell of those events alone that are wanted, whatever an earlier setting has left bound', async () => {
    await start({ WEBHOOK_EVENTS: 'mail.refused, *.canceled', WORKER_CONCURRENCY: '1' });
    await channel.bindQueue(WEBHOOKS_QUEUE, MAIL_EVENTS, '#');
    const held = app.catcher.hold('mail');
    await app.sendForm();
    await held.reached;
    const waiting = await app.sendForm();
    expect((await app.fetch(`/api/mails/${waiting}/cancel`, { method: 'POST' })).status).toBe(202);
    held.letGo();
    await app.probe();
    await untilDelivery('SUCCESS');
    expect(receiver.types).toEqual(['mail.canceled']);
    expect(await deliveries()).toHaveLength(1);
  });

  it('of an endpoint that never answers leave room for mails', async () => {
    receiver.script = () => null;
    await start({ WORKER_CONCURRENCY: '4' });
    const load = app.sendMany(20);
    await load.done;
    await app.until(
      `SELECT 1 WHERE NOT EXISTS (SELECT FROM task WHERE name = 'mail.send_email' AND finished_at IS NULL)`,
    );
    await receiver.arrived(1);
    const running = await app.database.dataSource.query(`SELECT id FROM task WHERE state = 'STARTED'`);
    expect((running as unknown[]).length).toBeLessThanOrEqual(1);
    expect(app.catcher.mails).toHaveLength(20);
  });

  it('show nobody the secret, nor what may be one in an address', async () => {
    receiver.script = () => ({ status: 410 });
    const worker = await start({ WEBHOOK_EVENTS: 'mail.accepted' });
    await app.sendForm();
    await untilDelivery('FAILURE');
    await worker.stop();
    const [task] = await app.database.dataSource.query(
      `SELECT envelope::text || coalesce(error::text, '') AS shown, convert_from(body, 'UTF8') AS body FROM task
       WHERE name = 'mail.deliver_webhook'`,
    );
    const { shown, body } = task as { shown: string; body: string };
    expect(`${shown}${worker.lines.join('\n')}`).not.toContain(TOKEN);
    expect(`${shown}${body}${worker.lines.join('\n')}`).not.toContain(SECRET.slice(6));
  });
});
