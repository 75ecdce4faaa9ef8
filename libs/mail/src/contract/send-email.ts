import { defineTask } from '@celeriac/tasks';
import { z } from 'zod';
import { address, MAX_RECIPIENTS } from './addresses.js';
import { MAX_MESSAGE_LENGTH } from './mail-form.js';
import { cleanText, subjectLine } from './text.js';

export const SendEmailInput = z.object({
  /** The mail's row. Its Message-ID is made from this, so it is the same in all attempts. */
  mailId: z.uuid(),
  to: z.array(address).min(1).max(MAX_RECIPIENTS),
  subject: subjectLine(),
  message: cleanText('message', MAX_MESSAGE_LENGTH),
  /** When the mail was accepted: its date, in all attempts. */
  acceptedAt: z.iso.datetime(),
});

export type SendEmail = z.output<typeof SendEmailInput>;

/**
 * Sends one mail. Tried again for some hours, with ever longer waits of at most one hour: mail servers are away for
 * hours at times.
 */
export const sendEmail = defineTask({
  name: 'mail.send_email',
  input: SendEmailInput,
  queue: 'mail',
  maxRetries: 20,
  retryBackoff: 5,
  retryBackoffMax: 3600,
});
