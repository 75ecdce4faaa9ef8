import { describe, expect, it } from '@jest/globals';
import { closest } from './closest.js';

describe('closest', () => {
  it.each([
    ['mail.send_emial', 'mail.send_email'],
    ['mail.sendemail', 'mail.send_email'],
    ['send_email', 'mail.send_email'],
    ['Mail.Send_Email', 'mail.send_email'],
    ['wrok', 'work'],
    ['something.else', undefined],
    ['', undefined],
  ])('%s is meant to be %s', (given, meant) => {
    expect(closest(given, ['mail.send_email', 'work', 'posters.draw'])).toBe(meant);
  });
});
