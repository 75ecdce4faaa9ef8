import { z } from 'zod';

/** A subject: one line of clean text. */
export function subjectLine() {
  return cleanText('The subject', 200).refine((text) => !/[\r\n]/.test(text), 'The subject must be one line.');
}

/**
 * Text that Postgres and a mail can hold: neither NUL nor half of a surrogate pair.
 *
 * @param what - the field, for the message to the user
 * @param maxLength - in UTF-16 units
 */
export function cleanText(what: string, maxLength: number) {
  return z
    .string()
    .max(maxLength, `${what} is too long: at most ${maxLength.toLocaleString('en')} characters.`)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), `${what} holds characters that cannot be sent.`);
}
