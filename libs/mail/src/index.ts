export { asSent, MAX_RECIPIENTS } from './contract/addresses.js';
export { DEFAULT_SUBJECT, mailForm, MAX_MESSAGE_LENGTH, type MailForm } from './contract/mail-form.js';
export { mailRequest, type MailRequest } from './contract/mail-request.js';
export { sendEmail, SendEmailInput, type SendEmail } from './contract/send-email.js';
export { MailComposer, messageIdOf, type ComposedMail, type MailContent } from './compose/compose-mail.js';
export { AUDIT_LOG_QUEUE, MAIL_EVENTS, WEBHOOKS_QUEUE } from './events/event-topology.js';
export { MailAuditLog } from './events/mail-audit-log.js';
export { mailEventSchema, mailEventTypes, type MailEvent, type MailEventType } from './events/mail-event.js';
export type { MailEventsOptions, WebhookOptions } from './events/mail-events-options.js';
export { MailAppModule, type MailAppOptions } from './mail-app.module.js';
export { mailAnnotations, mailBroker, mailQueues, mailRoutes, mailTasks, mailTopology } from './mail-broker.js';
export { MailEventsModule, MailSubscribersModule } from './mail-events.module.js';
export { MAIL_TRANSPORT, MailModule, MailSendingModule, type MailSendingOptions } from './mail.module.js';
export { MONTH_DAYS, recurrenceForm, WEEKDAYS, type Recurrence } from './recurring/recurrence.js';
export { RecurringMails, type RecurringMail, type RecurringPage } from './recurring/recurring-mails.js';
export { RecurringRuns, type RecurringRun } from './recurring/recurring-runs.js';
export { recurringIdOf, recurringKey, sendRecurring, type SendRecurring } from './recurring/send-recurring.js';
export { MailPeriodicModule } from './mail-periodic.module.js';
export { DailyDigest } from './periodic/daily-digest.js';
export type { MailPeriodicOptions } from './periodic/mail-periodic-options.js';
export { MailRetention, type Forgotten } from './periodic/mail-retention.js';
export { UncertainReminder } from './periodic/uncertain-reminder.js';
export { dailyDigest, forgetOld, remindUncertain } from './periodic/upkeep-tasks.js';
export type { Judgement, OnUncertain } from './sending/judge.js';
export { MailSender, type SendingRun } from './sending/mail-sender.js';
export { MailRecipientEntity, type Verdict } from './store/entities/mail-recipient.entity.js';
export { MailEntity } from './store/entities/mail.entity.js';
export { DuplicateMailError, IdempotencyKeyReusedError } from './store/mail-accept-errors.js';
export { MailAcceptor, type AcceptedMail } from './store/mail-acceptor.js';
export { MailBook } from './store/mail-book.js';
export {
  MailActionRefusedError,
  MailDecisions,
  MailNotFoundError,
  MailSentAgainError,
} from './store/mail-decisions.js';
export type { MailFilter } from './store/mail-filter.js';
export { MailSearch, type MailOutline, type MailPage, type PagePlace } from './store/mail-search.js';
export { MailServerTrouble } from './store/mail-server-trouble.js';
export { mailDatabase, mailSchema } from './store/schema.js';
export { VerdictWriter, type MailAnswers, type RecipientAnswer } from './store/verdict-writer.js';
export { deliverWebhook, type DeliverWebhook } from './webhooks/deliver-webhook.js';
export { signWebhook } from './webhooks/sign-webhook.js';
export { WebhookSender } from './webhooks/webhook-sender.js';
export { MailNotSentError, MailSetUpError, type NotSentReason } from './transports/mail-not-sent.error.js';
export type { MailTransport, RejectedRecipient, SendReport } from './transports/mail-transport.js';
export { MemoryTransport } from './transports/memory.transport.js';
export type { TransportOptions } from './transports/create-transport.js';
export type { MailFacts, MailRecord, TaskProgress } from './status/mail-record.js';
export { attemptStates, type AttemptState, type AttemptStatus } from './status/attempt-status.js';
export {
  mailActions,
  mailStates,
  mailStatus,
  type MailAction,
  type MailState,
  type MailStatus,
  type RecipientStatus,
} from './status/mail-status.js';
export { plainWords } from './status/reply-words.js';
export { plainWaitReasons, type CurrentTrouble, type Waiting } from './status/waiting.js';
