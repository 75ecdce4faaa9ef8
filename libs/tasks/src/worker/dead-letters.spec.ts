import { describe, expect, it, jest } from '@jest/globals';
import type { Delivery } from '../broker/broker.js';
import type { Letter, OutboxStore } from '../store/task-store.js';
import { DeadLetters, deadLetter } from './dead-letters.js';

const BODY = Buffer.from([0xff, 0x00, 0x7b]);

function delivery(headers: Record<string, unknown> = {}): Delivery & { ack: jest.Mock<() => void> } {
  return {
    queue: 'mail',
    exchange: 'mail',
    routingKey: 'mail.key',
    redelivered: true,
    message: { properties: { contentType: 'text/plain', priority: 3 }, headers, body: BODY },
    alive: true,
    ack: jest.fn(),
    release: () => undefined,
  };
}

describe('deadLetter', () => {
  it('has a reason that fits into the headers of a message, however long it was', () => {
    const { headers } = deadLetter(delivery(), 'r'.repeat(1_000_000)).envelope;
    expect(headers['celeriac-dead-letter-reason']).toMatch(/^r{2000}\.\.\.$/);
  });

  it('sends the bytes as they came to the dead-letter exchange, with the reason in the headers', () => {
    expect(deadLetter(delivery({ task: 'a.task', 'x-tenant': 'acme' }), 'no JSON')).toEqual({
      exchange: 'celeriac.dead_letters',
      routingKey: 'mail',
      envelope: {
        properties: { contentType: 'text/plain', priority: 3 },
        headers: {
          task: 'a.task',
          'x-tenant': 'acme',
          'celeriac-dead-letter-reason': 'no JSON',
          'celeriac-dead-letter-queue': 'mail',
          'celeriac-dead-letter-exchange': 'mail',
          'celeriac-dead-letter-routing-key': 'mail.key',
        },
      },
      body: BODY,
    });
  });

  it("leaves out RabbitMQ's history, and nothing that only looks like it", () => {
    const history = ['x-death', 'x-first-death-queue', 'x-first-death-reason', 'x-last-death-exchange'];
    const kept = { 'my-x-death': 1, 'x-dead': 2 };
    const given = { ...Object.fromEntries(history.map((name) => [name, 'mail'])), ...kept };
    const { headers } = deadLetter(delivery(given), 'why').envelope;
    expect(Object.keys(headers).filter((name) => !name.startsWith('celeriac-'))).toEqual(Object.keys(kept));
  });

  it('leaves the delivery as it is', () => {
    const given = delivery({ 'x-death': [] });
    deadLetter(given, 'why');
    expect(given.message.headers).toEqual({ 'x-death': [] });
  });
});

describe('DeadLetters', () => {
  const log = { log: jest.fn(), warn: jest.fn(), error: jest.fn() };

  /** An outbox of which each write ends as the script says: with an error, or not. */
  function scriptedOutbox(...failures: unknown[]) {
    const letters: Letter[] = [];
    const addLetters = async (added: readonly Letter[]): Promise<void> => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      letters.push(...added);
    };
    return { letters, outbox: { addLetters } as OutboxStore };
  }

  it('acknowledges once the letter is written, and not before', async () => {
    const given = delivery();
    const outbox = {
      addLetters: async () => expect(given.ack).not.toHaveBeenCalled(),
    } as Partial<OutboxStore> as OutboxStore;
    await new DeadLetters(outbox, log).bury(given, 'no JSON');
    expect(given.ack).toHaveBeenCalledTimes(1);
    expect(log.warn).toHaveBeenCalledWith('Dead letter from queue "mail": no JSON');
  });

  it('tries again until the store is back, then writes it once', async () => {
    const given = delivery();
    const { letters, outbox } = scriptedOutbox({ code: 'ECONNREFUSED' });
    await new DeadLetters(outbox, log).bury(given, 'no JSON');
    expect(letters).toEqual([{ message: deadLetter(given, 'no JSON'), mandatory: true }]);
    expect(given.ack).toHaveBeenCalledTimes(1);
  });

  it('gives up when the message is delivered again anyway', async () => {
    const given = delivery();
    const addLetters = (): Promise<void> => {
      Object.assign(given, { alive: false });
      return Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
    };
    await new DeadLetters({ addLetters } as Partial<OutboxStore> as OutboxStore, log).bury(given, 'no JSON');
    expect(given.ack).not.toHaveBeenCalled();
  });

  it('answers who waits for a result, in the same write', async () => {
    const given = delivery({ id: 'a' });
    Object.assign(given.message.properties, { replyTo: 'client', correlationId: 'c' });
    const { letters, outbox } = scriptedOutbox();
    await new DeadLetters(outbox, log).bury(given, 'no JSON');
    expect(letters).toMatchObject([{ mandatory: true }, { mandatory: false, message: { routingKey: 'client' } }]);
    expect(JSON.parse(letters[1]?.message.body.toString() ?? '')).toMatchObject({
      task_id: 'a',
      status: 'FAILURE',
      result: { exc_type: 'DeadLetterError', exc_message: ['no JSON'] },
    });
  });

  it('answers nobody for what has no id', async () => {
    const given = delivery();
    Object.assign(given.message.properties, { replyTo: 'client' });
    const { letters, outbox } = scriptedOutbox();
    await new DeadLetters(outbox, log).bury(given, 'no JSON');
    expect(letters).toHaveLength(1);
  });

  it('does not acknowledge a letter that cannot be stored', async () => {
    const given = delivery();
    const failure = { code: '22P05' };
    await expect(new DeadLetters(scriptedOutbox(failure).outbox, log).bury(given, 'no JSON')).rejects.toBe(failure);
    expect(given.ack).not.toHaveBeenCalled();
  });
});
