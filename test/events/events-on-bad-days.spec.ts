import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AUDIT_LOG_QUEUE, MAIL_EVENTS, WEBHOOKS_QUEUE } from '@celeriac/mail';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { eventsOf, heard } from '../fixtures/audit-log.js';
import { MailApp } from '../fixtures/mail-app.js';

const ON = { MAIL_AUDIT_LOG: '1' };
const ANN = 'ann@example.com';
const ACCEPTED = [['mail.accepted', ANN]];
const SENT = [...ACCEPTED, ['mail.sent', ANN]];

describe('events', () => {
  let app: MailApp;
  let raw: ChannelModel;
  let channel: Channel;

  beforeEach(async () => {
    app = await MailApp.start();
    raw = await connect(app.brokerUrl);
    channel = await raw.createChannel();
    // Asking for what is not there closes it.
    channel.on('error', () => undefined);
  });

  afterEach(async () => {
    await raw.close();
    await app.stop();
  });

  /** Resolves when the broker has no message of the queue left, neither ready nor in anybody's hands. */
  async function emptied(queue: string): Promise<void> {
    for (;;) {
      const { messageCount, consumerCount } = await channel.checkQueue(queue);
      if (messageCount === 0 && consumerCount === 0) return;
    }
  }

  it('are there for nobody unless somebody wants them: no exchange, no queue, no message, no row', async () => {
    await app.database.dataSource.query(
      `CREATE TABLE seen AS SELECT exchange FROM outbox WITH NO DATA;
       CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN INSERT INTO seen VALUES (NEW.exchange); RETURN NEW; END $$;
       CREATE TRIGGER note AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION note()`,
    );
    await app.startWeb();
    const worker = await app.startWorker();
    await app.probe();
    const seen = await app.database.dataSource.query('SELECT DISTINCT exchange FROM seen');
    expect(seen).toEqual([{ exchange: 'mail' }]);
    expect(await app.database.dataSource.query('SELECT * FROM mail_event')).toEqual([]);
    const consumed = worker.lines.flatMap((line) => /Consuming queue "([^"]+)"/.exec(line)?.[1] ?? []);
    expect(consumed.toSorted()).toEqual(['celeriac.results', 'mail', 'upkeep']);
    await expect(channel.checkExchange(MAIL_EVENTS)).rejects.toThrow('NOT_FOUND');
    for (const queue of [AUDIT_LOG_QUEUE, WEBHOOKS_QUEUE, 'webhooks']) {
      channel = await raw.createChannel();
      channel.on('error', () => undefined);
      await expect(channel.checkQueue(queue)).rejects.toThrow('NOT_FOUND');
    }
  });

  it('come later when RabbitMQ is away while a mail is accepted, and none is lost', async () => {
    const line = await app.proxyTo('broker');
    line.refuse();
    await app.startWeb({ ...ON, BROKER_URL: line.url });
    const id = await app.sendForm();
    const waiting = await app.database.dataSource.query(
      `SELECT routing_key FROM outbox WHERE exchange = 'mail.events'`,
    );
    expect(waiting).toEqual([{ routing_key: 'mail.accepted' }]);
    line.accept();
    await app.startWorker(ON);
    await heard(app, id, 'mail.sent');
    expect(await eventsOf(app, id)).toEqual(SENT);
  });

  it('are published by whoever is left when the web app dies right after its commit', async () => {
    const line = await app.proxyTo('broker');
    line.refuse();
    const web = await app.startWeb({ ...ON, BROKER_URL: line.url });
    const id = await app.sendForm();
    await web.stop('SIGKILL');
    await app.startWorker(ON);
    await heard(app, id, 'mail.sent');
    expect(await eventsOf(app, id)).toEqual(SENT);
  });

  it('are written down once by the next worker when one is killed between its commit and its ack', async () => {
    await app.startWeb(ON);
    const line = await app.proxyTo('database');
    const committed = line.freezeAt('after', 'INSERT INTO mail_event');
    const victim = await app.startWorker({ ...ON, DATABASE_URL: line.url });
    const id = await app.sendForm();
    await committed;
    await heard(app, id, 'mail.accepted');
    await victim.stop('SIGKILL');
    line.cut();
    // It is there again.
    while ((await channel.checkQueue(AUDIT_LOG_QUEUE)).messageCount === 0);
    const next = await app.startWorker(ON);
    await heard(app, id, 'mail.sent');
    await next.stop();
    await emptied(AUDIT_LOG_QUEUE);
    expect(await eventsOf(app, id)).toEqual(SENT);
  });

  it('wait in their queue while Postgres is away from who listens', async () => {
    await app.startWeb(ON);
    const line = await app.proxyTo('database');
    const worker = await app.startWorker({ ...ON, DATABASE_URL: line.url });
    await app.probe();
    line.refuse();
    const id = await app.sendForm();
    await worker.line(/Messages in the queue "mail.events.audit_log" wait/);
    line.accept();
    await heard(app, id, 'mail.sent');
    expect(await eventsOf(app, id)).toEqual(SENT);
  });

  it('are dead letters, with the reason, when they are none of ours', async () => {
    await app.startWeb(ON);
    const worker = await app.startWorker(ON);
    channel.publish(MAIL_EVENTS, 'mail.sent', Buffer.from('{"type":"mail.sent"}'), { messageId: 'strange' });
    await worker.line(/Dead letter from queue "mail.events.audit_log"/);
    let dead = await channel.get(`${AUDIT_LOG_QUEUE}.dead_letters`, { noAck: true });
    while (dead === false) dead = await channel.get(`${AUDIT_LOG_QUEUE}.dead_letters`, { noAck: true });
    expect(dead.content.toString()).toBe('{"type":"mail.sent"}');
    expect(dead.properties.headers).toMatchObject({
      'celeriac-dead-letter-reason': expect.stringContaining('data: '),
      'celeriac-dead-letter-queue': AUDIT_LOG_QUEUE,
    });
    await app.probe();
    expect(await worker.stop()).toBe(0);
    await emptied(AUDIT_LOG_QUEUE);
  });

  it('wait for their queue when that was deleted, and are heard when it is there again', async () => {
    await app.startWeb(ON);
    const worker = await app.startWorker(ON);
    await app.probe();
    expect(await worker.stop()).toBe(0);
    await channel.deleteQueue(AUDIT_LOG_QUEUE);
    const id = await app.sendForm();
    // The broker has no place for it, so it is put off.
    await app.until(`SELECT 1 FROM outbox WHERE routing_key = 'mail.accepted' AND due_at > now() + interval '1 s'`);
    await app.startWorker(ON);
    await app.setDueIn('0');
    await heard(app, id, 'mail.sent');
    expect(await eventsOf(app, id)).toEqual(SENT);
  });
});
