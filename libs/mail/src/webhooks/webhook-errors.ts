import { PermanentTaskError, RetryTaskError } from '@celeriac/tasks';

/** An endpoint did not take an event, and is to be asked again. */
export class WebhookFailedError extends RetryTaskError {
  override readonly name = 'WebhookFailedError';
}

/** An endpoint wants no events, or is none any more. */
export class WebhookRefusedError extends PermanentTaskError {
  override readonly name = 'WebhookRefusedError';
}
