import { describe, expect, it } from '@jest/globals';
import { mailForm } from '@celeriac/mail';
import { z } from 'zod';
import { checkForm, fieldErrors, formValues } from './form-values.js';

const EMPTY = { email: '', subject: '', msg: '', again: false };

describe('formValues', () => {
  it('keeps what was typed as it was typed, also what is no good', () => {
    const typed = { email: ' nobody ', subject: ' Hi\r\nBcc: x ', msg: '\t<b>Hi</b> ', again: false };
    expect(formValues(typed)).toEqual(typed);
  });

  it("turns the browser's line ends in the message into plain ones", () => {
    expect(formValues({ msg: 'one\r\ntwo\r\n\r\nthree\rfour\n' }).msg).toBe('one\ntwo\n\nthree\rfour\n');
  });

  it.each([undefined, null, 'text', 42, [], {}])('is empty for the body %p', (body) => {
    expect(formValues(body)).toEqual(EMPTY);
  });

  it.each([[['a@example.com', 'b@example.com']], [{ a: 1 }], [42], [null]])('takes the field %j for empty', (value) => {
    expect(formValues({ email: value, subject: value, msg: value, idempotencyKey: value })).toEqual(EMPTY);
  });

  it('takes no other fields', () => {
    expect(formValues({ _csrf: 'x', isAdmin: 'true' })).toEqual(EMPTY);
  });

  it.each<[what: string, key: string, kept: boolean]>([
    ['a key', 'one-time', true],
    ['a key of 100 characters', 'k'.repeat(100), true],
    ['a longer key', 'k'.repeat(101), false],
    ['an empty key', '', false],
  ])('%s is kept: %p', (_what, key, kept) => {
    expect(formValues({ idempotencyKey: key })).toEqual(kept ? { ...EMPTY, idempotencyKey: key } : EMPTY);
  });
});

describe('checkForm', () => {
  const mail = { email: 'ann@example.com', subject: 'Menu', msg: 'Here it is.' };
  const form = { ...mail, email: ['ann@example.com'] };
  const times = { repeat: 'daily', time: '09:00', zone: 'UTC' };

  it('takes a form that asks for times', () => {
    const checked = checkForm(formValues({ ...mail, ...times, weekday: 'MON', day: '1' }), ['once']);
    expect(checked).toEqual({ errors: null, form, recurrence: times });
  });

  it.each(['once', ''])('takes one that asks for none: “%s”', (repeat) => {
    const checked = checkForm(formValues({ ...mail, repeat, time: 'noon' }), ['once', '']);
    expect(checked).toEqual({ errors: null, form, recurrence: null });
  });

  it("takes the tutorial's, which says nothing of that", () => {
    expect(checkForm(formValues(mail), [''])).toEqual({ errors: null, form, recurrence: null });
  });

  it('says what is wrong with the mail and with its times at once', () => {
    const { errors } = checkForm(formValues({ ...mail, email: 'nobody', repeat: 'weekly' }), ['once']);
    expect(Object.keys(errors ?? {})).toEqual(['email', 'weekday', 'time', 'zone']);
    expect(errors).toMatchObject({
      time: expect.stringContaining('such as 09:00'),
      zone: expect.stringContaining('such as Europe/Vienna'),
    });
  });

  it('lets nobody leave open how often, where that has to be said', () => {
    expect(checkForm(formValues(mail), ['unchanged']).errors).toEqual({ repeat: 'Choose how often it is sent.' });
  });
});

describe('fieldErrors', () => {
  const errorsOf = (schema: z.ZodType, value: unknown) => fieldErrors(schema.safeParse(value).error as z.ZodError);

  it('puts a message at each field of the form that needs one', () => {
    expect(errorsOf(mailForm, formValues({ email: 'nobody', subject: 'a\nb', msg: ' ' }))).toEqual({
      email: '“nobody” is not an email address.',
      subject: 'The subject must be one line.',
      msg: 'Write a message.',
    });
    expect(errorsOf(mailForm, formValues({ email: 'nobody', msg: 'Hi' }))).toEqual({
      email: '“nobody” is not an email address.',
    });
  });

  it('has the first problem of a field that has several, also of one inside a list', () => {
    const several = z.object({
      msg: z.string().min(5, 'too short').startsWith('x', 'no x'),
      email: z.array(z.email('bad')),
    });
    expect(errorsOf(several, { msg: 'a', email: ['x', 'y'] })).toEqual({ msg: 'too short', email: 'bad' });
  });

  it('says at the form what belongs to no field', () => {
    const other = z.object({ other: z.string('missing') });
    expect(errorsOf(other, {})).toEqual({ form: 'missing' });
    expect(errorsOf(z.object({}, 'no form'), 'text')).toEqual({ form: 'no form' });
  });
});
