import { mailStatus, type MailPage, type MailRecord } from '@celeriac/mail';
import { queryText, type MailQuery } from './mail-query.js';

/** A mail as the list has it. */
export function mailSummaryJson(record: MailRecord): object {
  const { mail } = record;
  return {
    id: mail.id,
    url: `/api/mails/${mail.id}`,
    subject: mail.subject,
    createdAt: mail.createdAt,
    ...mailStatus(record),
  };
}

/** A mail with all that is known of it. */
export function mailJson(record: MailRecord): object {
  const { mail, task, attempts } = record;
  return {
    ...mailSummaryJson(record),
    message: mail.message,
    task: task && { id: task.id, state: task.state, waitReason: task.waitReason, retries: task.retries },
    attempts: attempts.map(({ number, workerName, startedAt, finishedAt, outcome, error }) => ({
      number,
      worker: workerName,
      startedAt,
      finishedAt,
      outcome,
      error: error?.message ?? null,
    })),
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
