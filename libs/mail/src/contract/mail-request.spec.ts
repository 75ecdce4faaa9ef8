import { describe, expect, it } from '@jest/globals';
import { mailRequest } from './mail-request.js';

const asked = { to: 'a@example.com', message: 'Hi' };

describe('mailRequest', () => {
  it.each<[given: object, to: string[], subject: string]>([
    [asked, ['a@example.com'], 'Your Feedback'],
    [{ ...asked, subject: ' ' }, ['a@example.com'], 'Your Feedback'],
    [
      { ...asked, to: ['b@Example.com', ' a@exämple.com', 'b@example.com'], subject: 'S ' },
      ['b@example.com', 'a@xn--exmple-cua.com'],
      'S',
    ],
  ])('reads %j', (given, to, subject) => {
    expect(mailRequest.parse(given)).toEqual({ to, subject, message: 'Hi' });
  });

  it.each([
    null,
    'text',
    [asked],
    {},
    { ...asked, to: [] },
    { ...asked, to: 5 },
    { ...asked, to: 'a@example.com, b@example.com' },
    { ...asked, to: ['a@example.com\r\nBcc: b@example.com'] },
    { ...asked, to: Array.from({ length: 500 }, (_, n) => `a${n}@example.com`) },
    { ...asked, subject: 'a\r\nBcc: b@example.com' },
    { ...asked, message: '' },
    { ...asked, message: 'a\0b' },
    { ...asked, message: '\ud800' },
    { ...asked, cc: 'c@example.com' },
  ])('refuses %j', (given) => {
    expect(mailRequest.safeParse(given).success).toBe(false);
  });
});
