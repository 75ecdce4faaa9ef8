import type { TaskAttemptEntity, TaskEntity } from '@celeriac/tasks';
import type { MailRecipientEntity } from '../store/entities/mail-recipient.entity.js';
import type { MailEntity } from '../store/entities/mail.entity.js';
import type { Waiting } from './waiting.js';

/** What of a task says how far a mail is. */
export type TaskProgress = Pick<
  TaskEntity,
  'id' | 'state' | 'waitReason' | 'dueAt' | 'retries' | 'attempt' | 'error' | 'startedAt' | 'finishedAt'
>;

/** What the status of a mail is made of. */
export interface MailFacts {
  /** False when the retention has removed what the mail says: it cannot be sent any more. */
  hasText: boolean;
  /** In the order the user gave. */
  recipients: MailRecipientEntity[];
  /** Without the message's bytes. Null when somebody has deleted it: our own retention never does before the mail. */
  task: TaskProgress | null;
  /** Over all sendings of the mail, oldest first. */
  attempts: TaskAttemptEntity[];
}

/** All that is known of a mail. */
export interface MailRecord extends MailFacts {
  mail: MailEntity;
  /** Why it does not get on; null when it does, or waits for a time alone. */
  waiting: Waiting | null;
}
