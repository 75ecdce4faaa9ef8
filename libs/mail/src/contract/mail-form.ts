import { z } from 'zod';
import { addressList } from './addresses.js';
import { cleanText, subjectLine } from './text.js';

/** The subject of a mail whose writer gave none; the tutorial's. */
export const DEFAULT_SUBJECT = 'Your Feedback';

/** Most characters of a message. */
export const MAX_MESSAGE_LENGTH = 50_000;

export const optionalSubject = subjectLine()
  .overwrite((text) => text.trim() || DEFAULT_SUBJECT)
  .default(DEFAULT_SUBJECT);

export const messageText = cleanText('The message', MAX_MESSAGE_LENGTH).refine(
  (text) => text.trim() !== '',
  'Write a message.',
);

/** The form, with the tutorial's names for its fields. */
export const mailForm = z.object({
  email: z.string().max(20_000, 'That is too long.').pipe(addressList),
  subject: optionalSubject,
  msg: messageText,
});

/** A form that was filled in well. */
export type MailForm = z.output<typeof mailForm>;
