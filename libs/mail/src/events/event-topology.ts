import { mergeTopologies, routeMessage, subscriptionTopology, type Topology } from '@celeriac/tasks';
import { InvalidSettingError } from '../invalid-setting.error.js';
import { mailEventTypes } from './mail-event.js';
import type { MailEventsOptions } from './mail-events-options.js';

/** The topic exchange that events go to; the routing key is the event's type. */
export const MAIL_EVENTS = 'mail.events';

/** What the audit log listens to. */
export const AUDIT_LOG_QUEUE = 'mail.events.audit_log';
/** What is sent on to webhooks. */
export const WEBHOOKS_QUEUE = 'mail.events.webhooks';

/** The exchange, and a queue for each who listens; nothing when nobody does. */
export function mailEventTopology({ auditLog, webhooks }: MailEventsOptions): Topology {
  return mergeTopologies(
    auditLog ? subscriptionTopology({ exchange: MAIL_EVENTS, queue: AUDIT_LOG_QUEUE, patterns: ['#'] }) : {},
    webhooks === null ? {} : webhookTopology(webhooks.patterns),
  );
}

/** @throws {@link InvalidSettingError} when a pattern fits no event */
function webhookTopology(patterns: readonly string[]): Topology {
  const topologyOf = (wanted: readonly string[]): Topology =>
    subscriptionTopology({ exchange: MAIL_EVENTS, queue: WEBHOOKS_QUEUE, patterns: wanted });
  for (const pattern of patterns) {
    const alone = topologyOf([pattern]);
    if (mailEventTypes.some((type) => routeMessage(alone, MAIL_EVENTS, type).length > 0)) continue;
    const events = mailEventTypes.join(', ');
    throw new InvalidSettingError(
      'WEBHOOK_EVENTS',
      `the pattern "${pattern}" fits no event of a mail. These are: ${events}.`,
    );
  }
  return topologyOf(patterns);
}
