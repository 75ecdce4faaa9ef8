import type { MailState } from '../status/mail-status.js';

/** Which mails are wanted; what is left out does not matter. */
export interface MailFilter {
  state?: MailState | undefined;
  /** A part of the address of one of its recipients, in any case. */
  recipient?: string | undefined;
  /** Accepted then or later. */
  since?: Date | undefined;
  /** Accepted before. */
  until?: Date | undefined;
  /** A part of its subject or message, in any case. */
  text?: string | undefined;
}

/** A scalar subquery on purpose: the planner may turn an EXISTS into a walk over all recipients of all mails. */
const hasRecipient = (condition: string): string =>
  `(SELECT true FROM mail_recipient WHERE mail_recipient.mail_id = mail.id AND ${condition} LIMIT 1) IS TRUE`;
const HAS_ENDED = `(task.state IN ('PENDING', 'STARTED', 'RETRY')) IS NOT TRUE`;

/**
 * What must be true in the database of a mail in the state. It is a sieve, no more: mails that come through it may be
 * in another state, which `mailStatus` tells.
 */
const SIEVES: Record<MailState, string> = {
  queued: `task.state IN ('PENDING', 'RETRY')`,
  sending: `task.state = 'STARTED'`,
  retrying: `task.state = 'RETRY'`,
  sent: hasRecipient(`verdict = 'accepted'`),
  arrived: hasRecipient(`verdict = 'arrived'`),
  refused: hasRecipient(`verdict = 'refused'`),
  failed: `${HAS_ENDED} AND ${hasRecipient('verdict IS NULL')}`,
  uncertain: `${HAS_ENDED} AND ${hasRecipient(`(verdict = 'uncertain' OR verdict IS NULL)`)}`,
  canceled: `task.state = 'REVOKED' AND ${hasRecipient('verdict IS NULL')}`,
};

/**
 * @param parameter - adds a value to those of the statement, and returns what stands for it there
 * @returns conditions on `mail` and its `task`; the time is not among them
 */
export function conditionsOf({ state, recipient, text }: MailFilter, parameter: (value: string) => string): string[] {
  const conditions: string[] = [];
  if (state !== undefined) conditions.push(SIEVES[state]);
  if (recipient !== undefined) conditions.push(hasRecipient(`address ILIKE ${parameter(containing(recipient))}`));
  if (text !== undefined) {
    const pattern = parameter(containing(text));
    conditions.push(`(subject ILIKE ${pattern} OR message ILIKE ${pattern})`);
  }
  return conditions;
}

/** Before all ids. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** The lowest id that a mail of that time can have. */
export function idAt(time: Date): string {
  const hex = Math.max(0, Math.ceil(time.getTime())).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
