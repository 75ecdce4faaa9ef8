import { describe, expect, it, jest } from '@jest/globals';
import type { Delivery } from '../broker/broker.js';
import { GENERATION_HEADER } from '../protocol/index.js';
import { ownDelivery } from './broadcasts.js';

const OWN_QUEUE = 'celeriac.broadcast.work/ann@test';

function delivery(headers: Record<string, unknown>) {
  const message = { properties: { replyTo: 'client', correlationId: '1' }, headers, body: Buffer.from('body') };
  const place = { queue: OWN_QUEUE, exchange: 'celeriac.broadcast.work', routingKey: '', redelivered: true };
  return { ...place, message, alive: true, ack: jest.fn(), release: jest.fn() };
}

function idOf(headers: Record<string, unknown>): unknown {
  return ownDelivery(delivery(headers), 'work', 'ann@test').message.headers['id'];
}

describe('a broadcast, to the worker that got it', () => {
  it('is a task of its own, of the task queue, that goes on in its own queue; nobody waits for it over rpc', () => {
    const own = ownDelivery(delivery({ id: '1', task: 'empty' }), 'work', 'ann@test');
    expect(own).toMatchObject({ queue: 'work', exchange: '', routingKey: OWN_QUEUE, redelivered: true });
    expect(own.message).toEqual({
      properties: { replyTo: undefined, correlationId: '1' },
      headers: { id: '1@ann@test', task: 'empty' },
      body: Buffer.from('body'),
    });
  });

  it('has its id already when it is continued', () => {
    expect(idOf({ id: '1@ann@test', [GENERATION_HEADER]: 0 })).toBe('1@ann@test');
    expect(idOf({ id: '1', [GENERATION_HEADER]: null })).toBe('1@ann@test');
  });

  it('has no id when it came without one', () => {
    expect([idOf({}), idOf({ id: '' }), idOf({ id: 7 })]).toEqual([undefined, '', 7]);
  });

  it('is acknowledged, released and gone with its delivery', () => {
    const given = delivery({ id: '1' });
    const own: Delivery = ownDelivery(given, 'work', 'ann@test');
    own.ack();
    own.release();
    expect([given.ack.mock.calls.length, given.release.mock.calls.length, own.alive]).toEqual([1, 1, true]);
    given.alive = false;
    expect(own.alive).toBe(false);
  });
});
