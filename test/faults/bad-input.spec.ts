import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Channel, type ChannelModel, type GetMessage } from 'amqplib';
import { v7 as uuidv7 } from 'uuid';
import { MailApp } from '../fixtures/mail-app.js';

const TASK = 'mail.send_email';
const DEAD_LETTERS = 'mail.dead_letters';
const DEPTH = 100_000;
const THREE_MEGABYTES = 3 * 1024 * 1024;

/** Whoever may publish can send anything: the worker buries it, says why, and lives. */
describe('a message that is no mail', () => {
  let app: MailApp;
  let raw: ChannelModel;
  let channel: Channel;

  beforeAll(async () => {
    app = await MailApp.start();
    await app.startLastingWeb();
    raw = await connect(app.brokerUrl);
    channel = await raw.createChannel();
  });

  afterEach(() => app.reset());

  afterAll(async () => {
    await raw.close();
    await app.stop();
  });

  /** As a program in another language sends it. */
  function publish(body: Buffer, headers: Record<string, unknown> = {}): void {
    channel.publish('mail', 'mail', body, {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { lang: 'py', task: TASK, id: uuidv7(), retries: { '!': 'int32', value: 0 }, ...headers },
    });
  }

  function bodyOf(kwargs: object): Buffer {
    return Buffer.from(JSON.stringify([[], kwargs, {}]));
  }

  async function nextDeadLetter(): Promise<GetMessage> {
    for (;;) {
      const message = await channel.get(DEAD_LETTERS, { noAck: true });
      if (message !== false) return message;
    }
  }

  const mail = {
    mailId: uuidv7(),
    to: ['ann@example.com'],
    subject: 'Hello',
    message: 'Hello',
    acceptedAt: new Date().toISOString(),
  };

  it.each<[string, Buffer, Record<string, unknown>, RegExp]>([
    ['are no text', Buffer.from([0xff, 0xfe, 0x00, 0x80]), {}, /not JSON in UTF-8/],
    ['are not what their compression says', Buffer.from('[[],{},{}]'), { compression: 'application/x-gzip' }, /zlib/],
    ['are JSON of another shape', Buffer.from('{"to":"ann@example.com"}'), {}, /args, kwargs, embed/],
    [`are JSON of ${DEPTH} levels`, Buffer.from(`${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`), {}, /nested/],
    ['lack a field', bodyOf({ ...mail, to: undefined }), {}, /\bto: /],
    [
      'have an address that would be a header',
      bodyOf({ ...mail, to: ['a@b.example\r\nBcc: x@y.example'] }),
      {},
      /to\.0/,
    ],
    ['are 3 MB of text', bodyOf({ ...mail, message: 'x'.repeat(THREE_MEGABYTES) }), {}, /message: /],
  ])('is a dead letter with the reason, when its bytes %s', async (_what, body, headers, reason) => {
    const worker = await app.startWorker();
    publish(body, headers);
    const letter = await nextDeadLetter();
    expect(letter.properties.headers?.['celeriac-dead-letter-reason']).toMatch(reason);
    expect(letter.properties.headers).toMatchObject({ task: TASK, 'celeriac-dead-letter-queue': 'mail' });
    expect(letter.content.equals(body)).toBe(true);
    await app.probe();
    expect(app.catcher.subjects).toEqual(['Probe 1']);
    expect(await worker.stop()).toBe(0);
    expect(await app.messageCount()).toBe(0);
  });

  it('is handed back, and waits, when nobody knows its task', async () => {
    const worker = await app.startWorker();
    const id = uuidv7();
    publish(bodyOf({}), { id, task: 'mail.from_tomorrow' });
    await app.until(`SELECT 1 FROM task WHERE id = $1 AND wait_reason = 'no_handler'`, id);
    await app.probe();
    expect(await worker.stop()).toBe(0);
    expect(await app.messageCount()).toBe(0);
    // A worker that does not know it either wakes nobody.
    await app.startWorker();
    await app.probe();
    const [row] = await app.database.dataSource.query(
      'SELECT outbox.due_at > now() AS waits, task.state, task.generation FROM task JOIN outbox ON outbox.task_id = task.id',
    );
    expect(row).toEqual({ waits: true, state: 'PENDING', generation: 1 });
  });
});
