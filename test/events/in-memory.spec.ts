import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailEvents, readConfiguration } from '@celeriac/config';
import { MailAcceptor, MailAuditLog, mailTopology, type MailEvent } from '@celeriac/mail';
import { MemoryBroker } from '@celeriac/tasks';
import type { INestMicroservice } from '@nestjs/common';
import { startWorker } from '../../apps/worker/src/start-worker.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { isSigned, WebhookReceiver } from '../fixtures/webhook-receiver.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** As `npm start` has it. */
describe('events without RabbitMQ', () => {
  let database: TaskDatabase;
  let receiver: WebhookReceiver;
  let app: INestMicroservice;

  beforeAll(async () => {
    database = await createTaskDatabase();
    receiver = await WebhookReceiver.start();
    const configuration = readConfiguration({
      DATABASE_URL: database.url,
      EMAIL_BACKEND: 'memory',
      MAIL_AUDIT_LOG: '1',
      WEBHOOK_URLS: receiver.url('/hook'),
      WEBHOOK_SECRET: SECRET,
      WEBHOOK_EVENTS: 'mail.sent',
    });
    app = await startWorker(configuration, new MemoryBroker(mailTopology(mailEvents(configuration))));
  });

  afterAll(async () => {
    await app.close();
    await receiver.stop();
    await database.drop();
  });

  it('are heard by the audit log, and by webhooks as they want them', async () => {
    const form = { email: ['ann@example.com'], subject: 'Hello', msg: 'Hello' };
    const { id } = await app.get(MailAcceptor, { strict: false }).acceptRequest(form);
    const [webhook] = await receiver.arrived(1);
    expect(webhook && isSigned(webhook, SECRET)).toBe(true);
    expect(receiver.types).toEqual(['mail.sent']);
    const log = app.get(MailAuditLog, { strict: false });
    let events: MailEvent[];
    do events = await log.eventsOf(id);
    while (events.length < 2);
    expect(events.map(({ type }) => type)).toEqual(['mail.accepted', 'mail.sent']);
  });
});
