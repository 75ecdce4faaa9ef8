import { describe, expect, it } from '@jest/globals';
import { reminderLine, reminderText, type HeldMail } from './reminder-text.js';

const held = (id: string, hour: number): HeldMail => ({
  id,
  subject: `Subject ${id}`,
  addresses: ['ann@example.com'],
  reason: 'The connection to the mail server broke.',
  heldSince: new Date(Date.UTC(2026, 10, 24, hour, 5)),
});

const place = { publicUrl: 'https://mails.example', timeZone: 'Europe/Vienna' };

describe('a reminder', () => {
  it('says since when each mail is held, and where to decide', () => {
    const { subject, msg } = reminderText({ held: [held('a', 8), held('b', 9)], ...place });
    expect(subject).toBe('2 mails wait for your decision');
    expect(msg).toBe(`Nobody heard whether the mail server took these mails, so they may have been sent or not. \
Nothing is sent again by itself: ask whether they were received, then decide.

- Subject a
  To ann@example.com
  Held since 24 Nov 2026, 09:05 (Europe/Vienna)
  https://mails.example/mails/a
- Subject b
  To ann@example.com
  Held since 24 Nov 2026, 10:05 (Europe/Vienna)
  https://mails.example/mails/b

All of them: https://mails.example/mails?state=uncertain`);
  });

  it('is about one mail, too', () => {
    const { subject, msg } = reminderText({ held: [held('a', 8)], ...place });
    expect(subject).toBe('1 mail waits for your decision');
    expect(msg).toContain('took this mail, so it may have been sent or not');
    expect(msg).toContain('ask whether it was received');
  });

  it('is one line in a log, without subjects and addresses', () => {
    expect(reminderLine({ held: [held('a', 8), held('b', 9)], ...place })).toBe(
      '2 mails wait for a decision since 24 Nov 2026, 09:05 (Europe/Vienna): nobody knows whether the mail server took ' +
        'them. Decide at https://mails.example/mails?state=uncertain; with DIGEST_TO you are told by mail.',
    );
  });
});
