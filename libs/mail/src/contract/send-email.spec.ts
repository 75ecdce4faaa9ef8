import { describe, expect, it } from '@jest/globals';
import { sendEmail, SendEmailInput } from './send-email.js';

const input = {
  mailId: '0198c0de-0000-7000-8000-000000000001',
  to: ['a@example.com'],
  subject: 'Hello',
  message: 'Hi',
  acceptedAt: '2026-01-02T03:04:05.678Z',
};

describe('sendEmail', () => {
  it('is tried again for about half a day', () => {
    const { maxRetries, retryBackoff, retryBackoffMax } = sendEmail;
    const longest = Array.from({ length: maxRetries as number }, (_, retry) =>
      Math.min(retryBackoffMax, retryBackoff * 2 ** retry),
    );
    const hours = longest.reduce((sum, seconds) => sum + seconds, 0) / 3600;
    expect(hours).toBeGreaterThan(10);
    expect(hours).toBeLessThan(14);
  });

  it('takes what the form accepts', () => {
    expect(SendEmailInput.parse(input)).toEqual(input);
  });

  it.each<[field: string, value: unknown]>([
    ['mailId', 'no-uuid'],
    ['to', []],
    ['to', Array(51).fill('a@example.com')],
    ['to', ['a@example.com\r\nBcc: b@example.com']],
    ['to', ['Ada <ada@example.com>']],
    ['to', 'a@example.com'],
    ['subject', 'a\0'],
    ['subject', 'x'.repeat(201)],
    ['message', '\ud800'],
    ['message', 'x'.repeat(50_001)],
    ['acceptedAt', 'yesterday'],
    ['acceptedAt', new Date()],
  ])('refuses %s = %p in a message from anywhere', (field, value) => {
    const parsed = SendEmailInput.safeParse({ ...input, [field]: value });
    expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([field]);
  });
});
