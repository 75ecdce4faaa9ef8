import { PermanentTaskError, RetryTaskError } from '@celeriac/tasks';

/** The mail server will never take the mail for some recipients. The message is what it said. */
export class MailRefusedError extends PermanentTaskError {
  override readonly name = 'MailRefusedError';
}

/** Nobody knows whether the mail server has the mail: it is not sent again. The message says why. */
export class MailUncertainError extends PermanentTaskError {
  override readonly name = 'MailUncertainError';
}

/** Nobody knows whether the mail server has the mail, and it is sent again all the same. The message says why. */
export class MailMaybeSentError extends RetryTaskError {
  override readonly name = 'MailMaybeSentError';
}
