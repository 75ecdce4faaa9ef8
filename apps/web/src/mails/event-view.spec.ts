import { describe, expect, it } from '@jest/globals';
import type { MailEvent } from '@celeriac/mail';
import { eventView } from './event-view.js';

function event(type: MailEvent['type'], replies: Array<string | null>, reason: string | null = null): MailEvent {
  const recipients = replies.map((reply, index) => ({ address: `user${index}@example.com`, reply }));
  return { id: 'e', type, timestamp: '2026-01-31T10:00:00.000Z', data: { mailId: 'm', recipients, reason } };
}

describe('eventView', () => {
  it('says what happened, when, to whom, and each word of the server once', () => {
    expect(eventView(event('mail.sent', ['250 Ok', '250 Ok']))).toEqual({
      type: 'mail.sent',
      label: 'Sent: it was accepted',
      time: { iso: '2026-01-31T10:00:00.000Z', text: '31 Jan 2026, 10:00 UTC' },
      addresses: 'user0@example.com, user1@example.com',
      words: ['250 Ok'],
    });
  });

  it('says why, in plain words', () => {
    const reason = 'connect ECONNREFUSED 127.0.0.1:25';
    expect(eventView(event('mail.failed', [null], reason)).words).toEqual([
      'The mail server could not be reached: nothing answers at its address.',
    ]);
  });

  it('shows an address as people write it', () => {
    const { data, ...sent } = event('mail.sent', []);
    const recipients = [{ address: 'a@xn--bcher-kva.de', reply: null }];
    expect(eventView({ ...sent, data: { ...data, recipients } }).addresses).toBe('a@bücher.de');
  });

  it('leaves out what the server had said before', () => {
    expect(eventView(event('mail.canceled', ['451 Later'])).words).toEqual([]);
  });
});
