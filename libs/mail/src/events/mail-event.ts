import { z } from 'zod';

/**
 * What can happen to a mail; the routing keys of its events.
 *
 * - `mail.accepted`: this app has taken it. `mail.requeued`: somebody has asked for it to be sent again.
 * - `mail.sent`, `mail.refused`: the mail server's word.
 * - `mail.uncertain`: nobody knows whether the server has it. `mail.arrived`: somebody has said that it is there.
 * - `mail.failed`: given up. `mail.canceled`: called off.
 */
export const mailEventTypes = [
  'mail.accepted',
  'mail.requeued',
  'mail.sent',
  'mail.refused',
  'mail.uncertain',
  'mail.arrived',
  'mail.failed',
  'mail.canceled',
] as const;

/** One of {@link mailEventTypes}. */
export type MailEventType = (typeof mailEventTypes)[number];

const data = z.object({
  mailId: z.uuid(),
  recipients: z
    .array(
      z.object({
        address: z.string(),
        reply: z.string().nullable().describe("The mail server's last words on it; null when there are none."),
      }),
    )
    .describe('Those that it has happened to.'),
  reason: z.string().nullable().describe('Why, where the replies do not say it.'),
});

/** An event as it travels: a fact, and never the text of a mail. Its shape is that of Standard Webhooks. */
export const mailEventSchema = z.object({
  id: z.uuid().describe('A UUIDv7. The same event may come twice; by this it is known.'),
  type: z.enum(mailEventTypes),
  timestamp: z.iso.datetime().describe('When it happened.'),
  data,
});

/** Something that has happened to a mail; as JSON it is a message, a webhook and a row of the audit log. */
export type MailEvent = z.output<typeof mailEventSchema>;

/** What has happened, before it has an id and a time. */
export interface MailFact extends Omit<z.output<typeof data>, 'reason'> {
  type: MailEventType;
  /** @defaultValue null */
  reason?: string | null;
}
