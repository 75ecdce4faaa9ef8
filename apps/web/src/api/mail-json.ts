import { mailStatus, type MailOutline, type MailPage, type MailRecord, type Waiting } from '@celeriac/mail';
import { queryText, type MailQuery } from './mail-query.js';
import type { MailJson, MailPageJson, MailSummaryJson, WaitingJson } from './mail-schemas.js';

/** A mail as the list has it. */
export function mailSummaryJson(outline: MailOutline): MailSummaryJson {
  const { mail } = outline;
  const { state, settled, recipients, nextAttemptAt, actions } = mailStatus(outline);
  return {
    id: mail.id,
    url: `/api/mails/${mail.id}`,
    subject: mail.subject,
    createdAt: mail.createdAt.toISOString(),
    state,
    settled,
    recipients,
    nextAttemptAt: momentJson(nextAttemptAt),
    resends: mail.earlierTaskIds.length,
    actions,
  };
}

/** A mail with all that is known of it. */
export function mailJson(record: MailRecord): MailJson {
  const { mail, task, waiting } = record;
  const { attempts } = mailStatus(record);
  return {
    ...mailSummaryJson(record),
    message: mail.message,
    textRemovedAt: momentJson(mail.textRemovedAt),
    waiting: waiting && waitingJson(waiting),
    attempts: attempts.map((attempt, index) => ({
      ...attempt,
      startedAt: momentJson(attempt.startedAt),
      finishedAt: momentJson(attempt.finishedAt),
      outcome: record.attempts[index]?.outcome ?? null,
    })),
    task: task && { id: task.id, state: task.state, waitReason: task.waitReason, retries: task.retries },
  };
}

/** A page of the list, with the addresses of its neighbours. */
export function mailPageJson({ records, older, newer, givenUpAt }: MailPage, query: MailQuery): MailPageJson {
  return {
    mails: records.map(mailSummaryJson),
    next: older && `/api/mails${queryText(query, { before: older })}`,
    previous: newer && `/api/mails${queryText(query, { after: newer })}`,
    complete: givenUpAt === null,
  };
}

function waitingJson(waiting: Waiting): WaitingJson {
  switch (waiting.reason) {
    case 'lease':
      return { ...waiting, until: momentJson(waiting.until) };
    case 'rate_limited':
      return { ...waiting, dueAt: waiting.dueAt.toISOString() };
    case 'mail_server':
      return { ...waiting, since: waiting.since.toISOString(), nextProbeAt: waiting.nextProbeAt.toISOString() };
    default:
      return waiting;
  }
}

function momentJson(date: Date | null): string | null {
  return date && date.toISOString();
}
