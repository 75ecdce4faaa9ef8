import { attemptStates, mailActions, mailEventSchema, mailStates, plainWaitReasons } from '@celeriac/mail';
import { z } from 'zod';

const id = z.uuid().describe('A UUIDv7.');
const moment = z.iso.datetime();
const state = z
  .enum(mailStates)
  .describe(
    'queued: waits. sending: a worker is at it. retrying: will be tried again. sent: the mail server has accepted it. ' +
      'arrived: nobody knew, and somebody has said that it is there. refused: the mail server will never take it. ' +
      'failed: given up. uncertain: nobody knows whether the mail server has it. canceled: called off.',
  );

/** What is said of a mail that something was asked for. */
export const acceptedSchema = z.object({ id, state });
export type AcceptedJson = z.input<typeof acceptedSchema>;

/** What a decision on a mail may say besides. */
export const decisionSchema = z
  .strictObject({
    resends: z
      .int()
      .min(0)
      .optional()
      .describe(
        'Of the mail that you decide on, as you have seen it; refused (409) if it has been sent again since then. ' +
          'Left out: 0 for resend, so that a call that is repeated sends nothing twice; any for the others.',
      ),
  })
  .nullish();
/** A decision on a mail, as it was sent. */
export type DecisionJson = z.output<typeof decisionSchema>;

const recipient = z.object({
  address: z.string(),
  state,
  reply: z.string().nullable().describe("The server's last words on it."),
});

const summarySchema = z.object({
  id,
  url: z.string().describe('Where all is told of it.'),
  subject: z.string(),
  createdAt: moment,
  state,
  settled: z.boolean().describe('Nothing will change any more by itself.'),
  recipients: z.array(recipient),
  nextAttemptAt: moment.nullable(),
  resends: z.int().describe('How often somebody has had it sent again.'),
  actions: z.array(z.enum(mailActions)).describe('What may be asked for now.'),
});
/** A mail as the list has it. */
export type MailSummaryJson = z.input<typeof summarySchema>;

const attempt = z.object({
  number: z.int().describe('1 for the first, over all sendings of the mail.'),
  worker: z.string(),
  startedAt: moment.nullable(),
  finishedAt: moment.nullable().describe('Null while it runs, and when its worker died.'),
  state: z.enum(attemptStates),
  error: z.string().nullable(),
  replies: z.array(z.object({ address: z.string(), reply: z.string() })),
  outcome: z.string().nullable().describe("The task's, in Celery's words."),
});

const waitingSchema = z.union([
  z.object({
    reason: z.literal('in_line'),
    before: z.int().nullable().describe('How many mails are before it; null when nobody knows.'),
    more: z.boolean().describe('At least so many.'),
  }),
  z.object({ reason: z.enum(plainWaitReasons) }),
  z.object({
    reason: z.literal('lease'),
    until: moment
      .nullable()
      .describe('Its worker gives no sign of life; another one takes it over after this time. Null: it is over.'),
  }),
  z.object({ reason: z.literal('rate_limited'), dueAt: moment.describe('When its turn is.') }),
  z.object({
    reason: z.literal('mail_server'),
    problem: z.string().describe("The mail server's words."),
    advice: z.string().describe('What to mend.'),
    since: moment,
    nextProbeAt: moment,
  }),
]);
export type WaitingJson = z.input<typeof waitingSchema>;

/** A mail with all that is known of it. */
export const mailSchema = summarySchema.extend({
  message: z.string().nullable().describe('Null when it was removed, some time after the end of the mail.'),
  textRemovedAt: moment.nullable().describe('When it was.'),
  waiting: waitingSchema.nullable().describe('Why it does not get on; null when it does, or waits for a time alone.'),
  attempts: z.array(attempt).describe('Oldest first.'),
  task: z
    .object({ id: z.string(), state: z.string(), waitReason: z.string().nullable(), retries: z.int() })
    .nullable()
    .describe('The task that sends it; null when somebody has deleted it.'),
});
export type MailJson = z.input<typeof mailSchema>;

/** A page of the list. */
export const mailPageSchema = z.object({
  mails: z.array(summarySchema).describe('Newest first.'),
  next: z.string().nullable().describe('The page of older mails.'),
  previous: z.string().nullable().describe('The page of newer mails.'),
  complete: z
    .boolean()
    .describe('False when the search was given up for now: the next page goes on, even if this one is not full.'),
});
export type MailPageJson = z.input<typeof mailPageSchema>;

/** What the audit log has of a mail. */
export const mailEventsSchema = z.object({ events: z.array(mailEventSchema).describe('Oldest first.') });
/** The audit log of a mail, as JSON. */
export type MailEventsJson = z.input<typeof mailEventsSchema>;

/** Problem details of RFC 9457. */
export const problemSchema = z.object({
  type: z.string().describe('about:blank, or urn:celeriac:problem:… for a kind that the status does not tell.'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What happened, and what to do.'),
  errors: z
    .array(z.object({ pointer: z.string().optional(), parameter: z.string().optional(), detail: z.string() }))
    .optional()
    .describe('Each thing that is wrong with what was sent.'),
});
