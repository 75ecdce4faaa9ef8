import { mailStatus, type MailOutline, type MailPage, type MailRecord } from '@celeriac/mail';
import { queryText, type MailQuery } from './mail-query.js';

/** A mail as the list has it. */
export function mailSummaryJson(outline: MailOutline): object {
  const { mail } = outline;
  const { state, settled, recipients, nextAttemptAt, actions } = mailStatus(outline);
  return {
    id: mail.id,
    url: `/api/mails/${mail.id}`,
    subject: mail.subject,
    createdAt: mail.createdAt,
    state,
    settled,
    recipients,
    nextAttemptAt,
    actions,
  };
}

/** A mail with all that is known of it. */
export function mailJson(record: MailRecord): object {
  const { mail, task, waiting } = record;
  const { attempts } = mailStatus(record);
  return {
    ...mailSummaryJson(record),
    message: mail.message,
    waiting,
    attempts: attempts.map((attempt, index) => ({ ...attempt, outcome: record.attempts[index]?.outcome ?? null })),
    task: task && { id: task.id, state: task.state, waitReason: task.waitReason, retries: task.retries },
  };
}

/** A page of the list, with the addresses of its neighbours. */
export function mailPageJson({ records, older, newer, givenUpAt }: MailPage, query: MailQuery): object {
  return {
    mails: records.map(mailSummaryJson),
    next: older && `/api/mails${queryText(query, { before: older })}`,
    previous: newer && `/api/mails${queryText(query, { after: newer })}`,
    complete: givenUpAt === null,
  };
}
