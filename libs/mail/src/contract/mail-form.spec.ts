import { describe, expect, it } from '@jest/globals';
import { mailForm } from './mail-form.js';

const filledIn = { email: 'a@example.com', subject: 'Hello', msg: 'Hi' };

function problemsOf(change: Record<string, unknown>): string[] {
  const parsed = mailForm.safeParse({ ...filledIn, ...change });
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('mailForm', () => {
  it('is the form that was filled in, the message untouched', () => {
    expect(
      mailForm.parse({ email: 'a@example.com, b@example.com', subject: ' Hello ', msg: '\tHi\n\nthere ' }),
    ).toEqual({
      email: ['a@example.com', 'b@example.com'],
      subject: 'Hello',
      msg: '\tHi\n\nthere ',
    });
  });

  it.each([undefined, '', '   '])("has the tutorial's subject for %j", (subject) => {
    expect(mailForm.parse({ ...filledIn, subject }).subject).toBe('Your Feedback');
  });

  it('takes what people write: any language, emoji, signs of HTML', () => {
    const text = 'Grüße 你好 مرحبا 👩‍👩‍👧 <b>&amp;</b> {{message}}';
    expect(mailForm.parse({ ...filledIn, subject: text, msg: text })).toMatchObject({ subject: text, msg: text });
  });

  it.each(['Hi\r\nBcc: b@example.com', 'Hi\nBcc: b@example.com', 'Hi\rBcc: b@example.com', 'Hi\n'])(
    'refuses the subject %j: a header has one line',
    (subject) => {
      expect(problemsOf({ subject })).toEqual(['subject: The subject must be one line.']);
    },
  );

  it('refuses a header in the address field', () => {
    expect(problemsOf({ email: 'a@example.com\r\nBcc: b@example.com' })).toEqual([
      'email: “Bcc: b@example.com” is not an email address.',
    ]);
  });

  it.each([
    ['NUL', 'a\0b'],
    ['the first half of a surrogate pair', 'a\ud83d'],
    ['the second half of a surrogate pair', '\ude00b'],
    ['a surrogate pair the wrong way round', '\ude00\ud83d'],
  ])('refuses %s, which Postgres cannot store', (_what, text) => {
    expect(problemsOf({ subject: text })).toEqual(['subject: The subject holds characters that cannot be sent.']);
    expect(problemsOf({ msg: text })).toEqual(['msg: The message holds characters that cannot be sent.']);
  });

  it.each(['', ' ', '\n\t\r\n', '\u00a0'])('refuses the message %j, in which nothing is written', (msg) => {
    expect(problemsOf({ msg })).toEqual(['msg: Write a message.']);
  });

  it.each<[field: string, longest: number, problem: string]>([
    ['subject', 200, 'subject: The subject is too long: at most 200 characters.'],
    ['msg', 50_000, 'msg: The message is too long: at most 50,000 characters.'],
  ])('takes a %s of %d characters and refuses one more', (field, longest, problem) => {
    expect(problemsOf({ [field]: 'x'.repeat(longest) })).toEqual([]);
    expect(problemsOf({ [field]: 'x'.repeat(longest + 1) })).toEqual([problem]);
  });

  it('refuses an endless list of addresses before it looks at them', () => {
    expect(problemsOf({ email: 'a@example.com,'.repeat(1500) })).toEqual(['email: That is too long.']);
  });

  it.each(['email', 'msg'])('refuses a form without %s', (field) => {
    expect(problemsOf({ [field]: undefined })).toEqual([expect.stringMatching(`^${field}: `)]);
  });

  it.each(['email', 'subject', 'msg'])('refuses %s when it is no text', (field) => {
    expect(problemsOf({ [field]: ['a@example.com'] })).toEqual([expect.stringMatching(`^${field}: `)]);
  });
});
