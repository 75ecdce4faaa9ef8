import { describe, expect, it } from '@jest/globals';
import type { MailState } from '../status/mail-status.js';
import { digestText, type DigestGroup } from './digest-text.js';
import type { MailLine } from './mail-lines.js';

const line = (id: string, change: Partial<MailLine> = {}): MailLine => ({
  id,
  subject: `Subject ${id}`,
  addresses: [`${id}@example.com`],
  reason: '',
  ...change,
});

function textOf(groups: Array<[MailState, DigestGroup]>): { subject: string; msg: string } {
  return digestText({
    day: { date: '2026-11-24' },
    timeZone: 'Europe/Vienna',
    publicUrl: 'https://mails.example',
    groups: new Map(groups),
  });
}

describe('digestText', () => {
  it('tells first what somebody may want to do something about, with why and where', () => {
    const refused = line('b', {
      reason: '550 No such\r\n user',
      addresses: ['1@x.y', '2@x.y', '3@x.y', '4@x.y', '5@x.y'],
    });
    const { subject, msg } = textOf([
      ['sent', { count: 1, lines: [line('c')] }],
      ['refused', { count: 1, lines: [refused] }],
      ['failed', { count: 1, lines: [line('a', { reason: 'The connection broke.' })] }],
    ]);
    expect(subject).toBe('Mails of 2026-11-24: 1 failed, 1 refused, 1 sent');
    expect(msg).toBe(`3 mails came to an end on 2026-11-24 (Europe/Vienna): 1 failed, 1 refused, 1 sent.

1 failed

- Subject a
  To a@example.com
  The connection broke.
  https://mails.example/mails/a

1 refused by the mail server

- Subject b
  To 1@x.y, 2@x.y, 3@x.y and 2 more
  550 No such user
  https://mails.example/mails/b

1 sent

- Subject c
  To c@example.com

All mails: https://mails.example/mails`);
  });

  it('names the first of many, and says how many more there are', () => {
    const lines = Array.from({ length: 15 }, (_, n) => line(String(n)));
    const { msg } = textOf([['sent', { count: 27, lines }]]);
    expect(msg).toContain('27 mails came to an end');
    expect(msg).toContain('- Subject 14\n  To 14@example.com\nand 12 more\n');
  });

  it('fits into a mail, however long subjects, addresses and reasons are', () => {
    const long = line('x', {
      subject: '😀'.repeat(100),
      addresses: Array.from({ length: 50 }, () => `${'a'.repeat(64)}@${'b'.repeat(180)}.example`),
      reason: 'r'.repeat(5000),
    });
    const group = { count: 1_000_000, lines: Array.from({ length: 15 }, () => long) };
    const states: MailState[] = ['failed', 'refused', 'uncertain', 'canceled', 'arrived', 'sent'];
    const { subject, msg } = textOf(states.map((state) => [state, group]));
    expect(subject.length).toBeLessThanOrEqual(200);
    expect(msg.length).toBeLessThanOrEqual(50_000);
    expect(msg.isWellFormed()).toBe(true);
  });
});
