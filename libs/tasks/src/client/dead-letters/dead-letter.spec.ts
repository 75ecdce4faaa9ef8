import { describe, expect, it } from '@jest/globals';
import type { TaskMessage } from '../../protocol/index.js';
import { letterId } from './dead-letter.js';

function message(change: Partial<TaskMessage> = {}): TaskMessage {
  const properties = { contentType: 'application/json', messageId: 'theirs' };
  return { properties, headers: { task: 'a.task', id: 'a' }, body: Buffer.from('[[],{},{}]'), ...change };
}

describe('letterId', () => {
  it('is the message id where that is ours', () => {
    for (const header of ['celeriac-dead-letter-reason', 'celeriac-generation']) {
      expect(letterId(message({ headers: { [header]: 0 } }))).toBe('theirs');
    }
  });

  it('is a hash where the id is of another producer, who may use it twice', () => {
    const id = letterId(message());
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const others = [
      message({ body: Buffer.from('[[],{},null]') }),
      message({ headers: { task: 'a.task', id: 'b' } }),
      message({ properties: { contentType: 'text/plain', messageId: 'theirs' } }),
    ];
    expect(new Set([id, ...others.map(letterId)]).size).toBe(4);
  });

  it('is the same however often the letter has been looked at', () => {
    expect(letterId(message({ headers: { ...message().headers, 'x-delivery-count': 7 } }))).toBe(letterId(message()));
  });
});
