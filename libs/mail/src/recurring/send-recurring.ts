import { defineTask } from '@celeriac/tasks';
import { z } from 'zod';
import { SendEmailInput, sendEmail } from '../contract/send-email.js';

/** What {@link sendRecurring} is sent with: a mail as users write it. */
export const SendRecurringInput = SendEmailInput.pick({ to: true, subject: true, message: true }).extend({
  /** Of the recurring mail, so that each mail that comes of it leads back to it. */
  recurringId: z.uuid(),
});

/** As its handler gets it. */
export type SendRecurring = z.output<typeof SendRecurringInput>;

const { queue, maxRetries, retryBackoff, retryBackoffMax } = sendEmail;
/** It has the mail's text, which is not to outlive that of the mail: a day is the shortest that this can be kept. */
const retention = 86_400;

/** Makes a mail of a recurring one; sending it is a task of its own. Tried again as that is. */
export const sendRecurring = defineTask({
  name: 'mail.send_recurring',
  input: SendRecurringInput,
  queue,
  maxRetries,
  retryBackoff,
  retryBackoffMax,
  retention,
});

const KEY = /^recurring:([0-9a-f-]{36}):/;

/** The idempotency key of the mail that a task makes: run twice, it makes one mail. */
export function recurringKey(recurringId: string, taskId: string): string {
  return `recurring:${recurringId}:${taskId}`;
}

/** @returns the id of the recurring mail that a mail came of; null when it came of none */
export function recurringIdOf(idempotencyKey: string): string | null {
  return KEY.exec(idempotencyKey)?.[1] ?? null;
}
