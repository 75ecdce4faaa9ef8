import { describe, expect, it } from '@jest/globals';
import { DEAD_LETTER_HEADERS, sendersHeaders } from './dead-letter-headers.js';

describe('sendersHeaders', () => {
  it('leaves out what was written into the message when it died', () => {
    const written = [
      ...Object.values(DEAD_LETTER_HEADERS),
      'x-death',
      'x-first-death-queue',
      'x-last-death-reason',
      'x-delivery-count',
    ];
    expect(sendersHeaders(Object.fromEntries(written.map((name) => [name, 1])))).toEqual({});
  });

  it('keeps all else, and what only looks like it', () => {
    const given = { task: 'a', 'celeriac-generation': 1, 'x-dead': 2, 'my-x-death': 3, 'x-delivery-count-of-ours': 4 };
    expect(sendersHeaders(given)).toEqual(given);
  });
});
