import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { MemoryBroker } from '../broker/memory/memory-broker.js';
import { subscriptionTopology } from '../broker/subscription-topology.js';
import type { Letter } from '../store/task-store.js';
import type { ReceivedMessage } from './received-message.js';
import { Subscription } from './subscription.js';

const QUEUE = 'shop.events.ledger';
const topology = subscriptionTopology({ queue: QUEUE, exchange: 'shop.events', patterns: ['order.*'] });
const schema = z.object({ order: z.number() });
type Order = z.output<typeof schema>;
const away = Object.assign(new Error('Postgres is away'), { code: 'ECONNREFUSED' });

describe('Subscription', () => {
  let broker: MemoryBroker;
  let log: string[];
  let letters: Letter[];
  /** The batches that are being taken. */
  let calls: Array<{ messages: Array<ReceivedMessage<Order>>; done(): void; fail(error: Error): void }>;
  let called: () => void;
  let buried: () => void;
  let subscription: Subscription<Order>;

  beforeEach(() => {
    broker = new MemoryBroker(topology);
    [log, letters, calls] = [[], [], []];
    [called, buried] = [() => undefined, () => undefined];
    const addLetters = async (added: readonly Letter[]): Promise<void> => {
      letters.push(...added);
      buried();
    };
    const write = (line: string): void => void log.push(line);
    const handle = (messages: Array<ReceivedMessage<Order>>): Promise<void> =>
      new Promise((resolve, reject) => {
        calls.push({ messages, done: resolve, fail: reject });
        called();
      });
    const parts = { broker, outbox: { addLetters }, log: { warn: write, error: write } };
    subscription = new Subscription(parts, { queue: QUEUE, schema, handle });
    subscription.start();
  });

  afterEach(() => subscription.stop());

  async function say(routingKey: string, body: string, messageId?: string): Promise<void> {
    const message = { properties: { messageId }, headers: {}, body: Buffer.from(body) };
    await broker.publish({ exchange: 'shop.events', routingKey, mandatory: false, message });
  }

  const nextCall = (): Promise<void> => new Promise((resolve) => (called = resolve));
  const nextBurial = (): Promise<void> => new Promise((resolve) => (buried = resolve));

  async function leftAfterStop(): Promise<number | undefined> {
    await subscription.stop();
    return (await broker.queueInfo(QUEUE))?.messages;
  }

  it('hands over what its patterns let through, and acknowledges when that is remembered', async () => {
    const first = nextCall();
    await say('invoice.paid', '{"order":0}');
    await say('order.paid', '{"order":1}', 'a');
    await first;
    const second = nextCall();
    await say('order.sent', '{"order":1,"more":true}', 'b');
    await say('order.done', '{"order":1}');
    calls[0]?.done();
    await second;
    expect(calls[0]?.messages).toEqual([
      { id: 'a', exchange: 'shop.events', routingKey: 'order.paid', headers: {}, body: { order: 1 } },
    ]);
    expect(calls[1]?.messages).toMatchObject([
      { id: 'b', body: { order: 1 } },
      { id: null, routingKey: 'order.done' },
    ]);
    calls[1]?.done();
    expect(await leftAfterStop()).toBe(0);
  });

  it.each([
    ['{', 'no JSON'],
    ['{"order":"one"}', 'order: '],
  ])('makes a dead letter of %s', async (body, reason) => {
    const burial = nextBurial();
    await say('order.paid', body);
    await burial;
    expect(letters).toMatchObject([{ message: { routingKey: QUEUE, body: Buffer.from(body) }, mandatory: true }]);
    const { headers } = letters[0]?.message.envelope ?? {};
    expect(headers?.['celeriac-dead-letter-reason']).toContain(reason);
    expect(calls).toEqual([]);
    expect(await leftAfterStop()).toBe(0);
  });

  it('makes a dead letter of what its handler cannot take, and of nothing else', async () => {
    const first = nextCall();
    await say('order.paid', '{"order":0}');
    await first;
    const both = nextCall();
    await Promise.all([say('order.paid', '{"order":1}'), say('order.paid', '{"order":2}')]);
    calls[0]?.done();
    await both;
    const refused = Object.assign(new Error('no such order'), { code: '23503' });
    const alone = nextCall();
    calls[1]?.fail(refused);
    await alone;
    const other = nextCall();
    calls[2]?.fail(refused);
    await other;
    const burial = letters.length === 0 ? nextBurial() : undefined;
    calls[3]?.done();
    await burial;
    expect(calls.map(({ messages }) => messages.map(({ body }) => body.order))).toEqual([[0], [1, 2], [1], [2]]);
    expect(letters.map(({ message }) => message.body.toString())).toEqual(['{"order":1}']);
    expect(await leftAfterStop()).toBe(0);
  });

  it('waits while Postgres is away, says so once, and goes on', async () => {
    for (const _ of [1, 2]) {
      const call = nextCall();
      if (calls.length === 0) await say('order.paid', '{"order":1}');
      else calls.at(-1)?.fail(away);
      await call;
    }
    const again = nextCall();
    calls.at(-1)?.fail(away);
    await again;
    calls.at(-1)?.done();
    expect(calls.length).toBe(3);
    expect(log).toEqual([expect.stringContaining('Postgres is away')]);
    expect(letters).toEqual([]);
    expect(await leftAfterStop()).toBe(0);
  });

  it('gives back what is not remembered when it stops', async () => {
    const call = nextCall();
    await say('order.paid', '{"order":1}');
    await call;
    const left = leftAfterStop();
    calls[0]?.fail(away);
    expect(await left).toBe(1);
    expect(letters).toEqual([]);
  });
});
