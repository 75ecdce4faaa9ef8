import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Delivery } from '../broker/broker.js';
import { newTask } from '../client/new-task.js';
import { defineTask } from '../contract/define-task.js';
import { decodeTaskMessage, GENERATION_HEADER, type TaskMessage } from '../protocol/index.js';
import { claimRequest, Inbox, type Waiting } from './inbox.js';

const released: string[] = [];

function waiting(id: string, headers: Record<string, unknown> = {}, alive = true, deliveredAtMs = 0): Waiting {
  const { message: routed } = newTask(defineTask({ name: 'a.task', queue: 'a', input: z.object({}) }), id, {}, 0);
  const { properties } = routed.envelope;
  const message: TaskMessage = { properties, headers: { ...routed.envelope.headers, ...headers }, body: routed.body };
  const delivery: Delivery = {
    queue: 'a',
    exchange: 'an.exchange',
    routingKey: 'a.key',
    redelivered: false,
    message,
    alive,
    ack: () => undefined,
    release: () => void released.push(id),
  };
  return { delivery, request: decodeTaskMessage(message), deliveredAtMs };
}

function inboxOf(...items: Waiting[]): Inbox {
  const inbox = new Inbox();
  for (const item of items) inbox.add(item);
  return inbox;
}

describe('Inbox', () => {
  it('gives out up to the limit, in the order that they came', () => {
    const [a, b, c] = [waiting('a'), waiting('b'), waiting('c')];
    const inbox = inboxOf(a, b, c);
    expect(inbox.take(2)).toEqual([a, b]);
    expect(inbox.size).toBe(1);
    expect(inbox.take(2)).toEqual([c]);
    expect(inbox.take(2)).toEqual([]);
  });

  it('leaves a second delivery of a task for the next time, without losing its place', () => {
    const [first, second, other, last] = [waiting('a'), waiting('a'), waiting('b'), waiting('c')];
    const inbox = inboxOf(first, second, other, last);
    expect(inbox.take(2)).toEqual([first, other]);
    expect(inbox.take(1)[0]).toBe(second);
    expect(inbox.take(1)[0]).toBe(last);
  });

  it('leaves what may not pass in its place', () => {
    const [a, b, c] = [waiting('a'), waiting('b'), waiting('c')];
    const inbox = inboxOf(a, b, c);
    expect(inbox.take(2, (item) => item !== a)).toEqual([b, c]);
    expect(inbox.take(2)).toEqual([a]);
  });

  it('drops those whose channel is gone, and does not count them', () => {
    const alive = waiting('b');
    const inbox = inboxOf(waiting('a', {}, false), alive, waiting('c', {}, false));
    expect(inbox.take(1)).toEqual([alive]);
    expect(inbox.size).toBe(0);
  });

  it('takes the live delivery of a task whose earlier one is dead', () => {
    const alive = waiting('a');
    expect(inboxOf(waiting('a', {}, false), alive).take(1)[0]).toBe(alive);
  });

  it('puts items back in front, in their order', () => {
    const [a, b, c] = [waiting('a'), waiting('b'), waiting('c')];
    const inbox = inboxOf(a, b, c);
    inbox.putBack(inbox.take(2));
    expect(inbox.take(3)).toEqual([a, b, c]);
  });

  it('gives those back to the broker that have waited for too long', () => {
    const [old, young] = [waiting('a', {}, true, 1000), waiting('b', {}, true, 2000)];
    const inbox = inboxOf(old, young);
    inbox.releaseDelivered(2000);
    expect(released).toEqual(['a']);
    expect(inbox.take(2)).toEqual([young]);
  });

  it('is empty after clear', () => {
    const inbox = inboxOf(waiting('a'));
    inbox.clear();
    expect(inbox.size).toBe(0);
    expect(inbox.take(1)).toEqual([]);
  });
});

describe('claimRequest', () => {
  const KNOWN = { isRunning: true, mayRunAgain: false, rateLimit: null, followUpsOf: null };

  it.each([0, 4])('asks by generation for a message of ours, also for the first one (%d)', (generation) => {
    expect(claimRequest(waiting('a', { [GENERATION_HEADER]: generation, retries: 2 }), KNOWN)).toEqual({
      taskId: 'a',
      generation,
      retries: 2,
      ...KNOWN,
      foreign: null,
    });
  });

  it('hands in the whole message of a foreign producer, which has no row yet', () => {
    const item = waiting('a', { retries: 1, expires: '2026-01-02T03:04:05+00:00', 'x-tenant': 'acme' });
    const { properties, headers, body } = item.delivery.message;
    expect(claimRequest(item, KNOWN)).toEqual({
      taskId: 'a',
      generation: null,
      retries: 1,
      ...KNOWN,
      foreign: {
        name: 'a.task',
        queue: 'a',
        message: { exchange: 'an.exchange', routingKey: 'a.key', envelope: { properties, headers }, body },
        expiresAt: new Date('2026-01-02T03:04:05Z'),
      },
    });
  });
});
