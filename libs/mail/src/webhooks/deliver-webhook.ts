import { createHash } from 'node:crypto';
import { defineTask, type TaskCall } from '@celeriac/tasks';
import { z } from 'zod';
import { mailEventSchema, type MailEvent } from '../events/mail-event.js';

/** Input of {@link deliverWebhook}. */
export const DeliverWebhookInput = z.object({
  /** The endpoint. It may hold a token, so nobody is shown it. */
  url: z.url(),
  event: mailEventSchema,
});

/** What {@link deliverWebhook} delivers, and where. */
export type DeliverWebhook = z.output<typeof DeliverWebhookInput>;

/**
 * Tells one endpoint of one event. Tried again for a day or two, with ever longer waits of at most twelve hours; how it
 * ended is kept for thirty days.
 */
export const deliverWebhook = defineTask({
  name: 'mail.deliver_webhook',
  input: DeliverWebhookInput,
  queue: 'webhooks',
  secret: ['url'],
  maxRetries: 16,
  retryBackoff: 5,
  retryBackoffMax: 12 * 3600,
  retention: 30 * 86_400,
});

/** A call for each endpoint. The task's id is made of both, so an event that comes again is the same task again. */
export function deliveriesOf(event: MailEvent, urls: readonly string[]): Array<TaskCall<DeliverWebhook>> {
  return urls.map((url) => {
    const endpoint = createHash('sha256').update(url).digest('hex').slice(0, 16);
    return { taskId: `${event.id}.${endpoint}`, input: { url, event } };
  });
}
