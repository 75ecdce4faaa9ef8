import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MailComposer, messageIdOf, type MailContent } from './compose-mail.js';

const TEMPLATES = join(import.meta.dirname, '../../../../views/emails');
const composer = new MailComposer(TEMPLATES, 'support@example.com');

function content(change: Partial<MailContent> = {}): MailContent {
  return {
    mailId: '0198c0de-0000-7000-8000-000000000001',
    to: ['a@example.com', 'b@example.com'],
    subject: 'Hello',
    message: 'Hi',
    date: new Date('2026-01-02T03:04:05Z'),
    ...change,
  };
}

describe('MailComposer', () => {
  it("has the tutorial's text, and nothing else", () => {
    expect(composer.compose(content({ message: 'Well done' })).text).toBe('\tWell done\n\nThank you!');
  });

  it('says who, to whom, about what and when', () => {
    expect(composer.compose(content())).toMatchObject({
      from: 'support@example.com',
      to: ['a@example.com', 'b@example.com'],
      subject: 'Hello',
      date: new Date('2026-01-02T03:04:05Z'),
    });
  });

  it('escapes what the user wrote in the HTML part only', () => {
    const written = `<script>alert("1" & '2')</script> {{subject}}`;
    const { text, html, subject } = composer.compose(content({ message: written, subject: written }));
    expect(text).toContain(written);
    expect(subject).toBe(written);
    const escaped = '&lt;script&gt;alert(&quot;1&quot; &amp; &#x27;2&#x27;)&lt;/script&gt; {{subject}}';
    expect(html.split(escaped)).toHaveLength(3);
    expect(html).not.toContain('<script');
  });

  it('keeps the line breaks of the message in both parts', () => {
    const { text, html } = composer.compose(content({ message: 'one\n\n  two' }));
    expect(text).toContain('\tone\n\n  two\n');
    expect(html).toMatch(/white-space:pre-wrap[^>]*>one\n\n {2}two</);
  });

  it('makes the same Message-ID for the same mail, and another for another', () => {
    const { messageId } = composer.compose(content());
    expect(messageId).toBe('<0198c0de-0000-7000-8000-000000000001@example.com>');
    expect(composer.compose(content({ to: ['b@example.com'], date: new Date() })).messageId).toBe(messageId);
    expect(composer.compose(content({ mailId: 'another' })).messageId).not.toBe(messageId);
  });

  it('says at once that a template is missing', () => {
    expect(() => new MailComposer(import.meta.dirname, 'support@example.com')).toThrow(/message\.txt\.hbs/);
  });
});

describe('messageIdOf', () => {
  it.each([
    ['support@example.com', '<id@example.com>'],
    ['"a@b"@mail.example.com', '<id@mail.example.com>'],
  ])('takes the domain of %s', (from, messageId) => {
    expect(messageIdOf('id', from)).toBe(messageId);
  });
});
