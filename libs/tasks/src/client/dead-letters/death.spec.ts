import { describe, expect, it } from '@jest/globals';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { deathOf } from './death.js';

const BODY = Buffer.from('[]');
const OURS = {
  'celeriac-dead-letter-reason': 'too large',
  'celeriac-dead-letter-queue': 'mail',
  'celeriac-dead-letter-exchange': 'letters',
  'celeriac-dead-letter-routing-key': 'mail.eu',
};
const ORIGIN = { queue: 'mail', exchange: 'letters', routingKey: 'mail.eu' };
const BROKERS = { reason: 'rejected', queue: 'mail', exchange: 'letters', 'routing-keys': ['mail.eu', 'cc'], count: 1 };

function death(headers: Record<string, unknown>, messageId?: string) {
  return deathOf({ headers, properties: { messageId }, body: BODY });
}

describe('deathOf', () => {
  it('reads what a worker of ours has written, and the time from the id that the outbox gave', () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    expect(death(OURS, uuidv7({ msecs: at.getTime() }))).toEqual({ reason: 'too large', at, origin: ORIGIN });
  });

  it.each([undefined, '', 'an id', 'task.0', uuidv4()])('knows no time of the id %p', (messageId) => {
    expect(death(OURS, messageId).at).toBeNull();
  });

  it('knows no way back for what never was in a queue', () => {
    const { 'celeriac-dead-letter-exchange': _exchange, ...signature } = OURS;
    expect(death(signature)).toMatchObject({ reason: 'too large', origin: null });
  });

  it.each([
    ['rejected', 'A consumer rejected it.'],
    ['expired', 'Its time in the queue was over.'],
    ['maxlen', 'The queue was full.'],
    ['delivery_limit', 'It had been delivered too often.'],
    ['bored', 'RabbitMQ says: bored'],
  ])('reads what RabbitMQ has written: %s', (reason, text) => {
    const time = { '!': 'timestamp', value: 1_767_323_045 };
    const first = { ...BROKERS, queue: 'first', reason: 'expired' };
    const at = new Date('2026-01-02T03:04:05Z');
    expect(death({ 'x-death': [{ ...BROKERS, reason, time }, first] })).toEqual({ reason: text, at, origin: ORIGIN });
  });

  it('takes what a worker says for more than what RabbitMQ says', () => {
    expect(death({ ...OURS, 'x-death': [BROKERS] })).toMatchObject({ reason: 'too large' });
  });

  it.each([[[]], [[null]], ['x'], [{}], [undefined]])('does not believe in the history %j', (history) => {
    expect(death({ 'x-death': history })).toEqual({ reason: 'It does not say why.', at: null, origin: null });
  });
});
