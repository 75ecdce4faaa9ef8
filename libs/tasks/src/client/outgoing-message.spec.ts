import { describe, expect, it } from '@jest/globals';
import { InvalidMessageError, letterOf, type OutgoingMessage } from './outgoing-message.js';

const ID = '0199c0de-0000-7000-8000-000000000001';
const message: OutgoingMessage = { exchange: 'shop.events', routingKey: 'order.paid', body: { order: 1 } };
const circle: Record<string, unknown> = {};
circle['itself'] = circle;

describe('letterOf', () => {
  it('makes a durable JSON message that waits for nobody', () => {
    expect(letterOf(message)).toEqual({
      id: undefined,
      message: {
        exchange: 'shop.events',
        routingKey: 'order.paid',
        envelope: {
          properties: { contentType: 'application/json', contentEncoding: 'utf-8', deliveryMode: 2 },
          headers: {},
        },
        body: Buffer.from('{"order":1}'),
      },
      mandatory: false,
    });
  });

  it('has the id, the headers and the duty that it is given', () => {
    const letter = letterOf({ ...message, id: ID, headers: { tenant: 'a' }, mandatory: true });
    expect(letter).toMatchObject({ id: ID, message: { envelope: { headers: { tenant: 'a' } } }, mandatory: true });
  });

  it.each<Partial<Record<keyof OutgoingMessage, unknown>>>([
    { exchange: 'x'.repeat(256) },
    { routingKey: 5 },
    { id: 'order-1' },
    { headers: { now: () => 1 } },
    { mandatory: 'yes' },
    { body: undefined },
    { body: 5n },
    { body: circle },
  ])('refuses %p', (wrong) => {
    const [field] = Object.keys(wrong);
    const make = (): unknown => letterOf({ ...message, ...wrong } as OutgoingMessage);
    expect(make).toThrow(InvalidMessageError);
    expect(make).toThrow(`with ${field}=`);
  });
});
