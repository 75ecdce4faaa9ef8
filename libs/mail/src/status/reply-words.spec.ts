import { describe, expect, it } from '@jest/globals';
import { plainWords } from './reply-words.js';

describe('plainWords', () => {
  it.each([
    ['connect ECONNREFUSED 127.0.0.1:25', 'The mail server could not be reached: nothing answers at its address.'],
    ['getaddrinfo ENOTFOUND smtp.example.com', 'The mail server could not be found: its name is not known.'],
    ['Greeting never received', 'The mail server did not answer in time.'],
    ['connect ETIMEDOUT 192.0.2.1:25', 'The mail server did not answer in time.'],
    ['read ECONNRESET', 'The connection to the mail server broke.'],
    ['Connection closed unexpectedly', 'The connection to the mail server broke.'],
    ['Server closed the connection', 'The connection to the mail server broke.'],
    ['Reached maximum number of retries after connection was closed', 'The connection to the mail server broke.'],
    ['TLS handshake timed out', 'The mail server did not answer in time.'],
    ['write EWHATEVER', 'The connection to the mail server failed.'],
  ])('says what %j means', (words, meaning) => {
    expect(plainWords(words)).toBe(meaning);
  });

  it.each(['450 4.2.0 Greylisted', '451 upstream said ECONNREFUSED', 'Its worker died 3 times.', ''])(
    'leaves %j as it is',
    (words) => {
      expect(plainWords(words)).toBe(words);
    },
  );
});
