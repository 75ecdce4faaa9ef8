import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Subscriptions, TaskClient } from '@celeriac/tasks';
import { AuditLogSubscriber } from './events/audit-log.subscriber.js';
import { MailAuditLog } from './events/mail-audit-log.js';
import { MailEndings } from './events/mail-endings.js';
import { MAIL_EVENTS_OPTIONS, MailEvents } from './events/mail-events.js';
import type { MailEventsOptions } from './events/mail-events-options.js';
import { WebhookSender } from './webhooks/webhook-sender.js';
import { WebhookSubscriber } from './webhooks/webhook.subscriber.js';

/**
 * What publishes the events of mails, and reads the audit log: for every process that accepts, sends or decides on
 * mails. While nobody listens it is empty. Global, so that {@link MailModule} finds it.
 */
@Module({})
export class MailEventsModule {
  static forRoot(options: MailEventsOptions): DynamicModule {
    const publishing: Provider[] = [{ provide: MAIL_EVENTS_OPTIONS, useValue: options }, MailEvents, MailEndings];
    const providers: Provider[] = [
      ...(options.auditLog || options.webhooks !== null ? publishing : []),
      ...(options.auditLog ? [MailAuditLog] : []),
    ];
    return { module: MailEventsModule, global: true, providers, exports: providers };
  }
}

/** What listens: for the workers. Needs {@link MailEventsModule}. */
@Module({})
export class MailSubscribersModule {
  static forRoot({ auditLog, webhooks }: MailEventsOptions): DynamicModule {
    const providers: Provider[] = auditLog ? [AuditLogSubscriber] : [];
    if (webhooks !== null) {
      providers.push(
        { provide: WebhookSender, useFactory: () => new WebhookSender(webhooks) },
        {
          provide: WebhookSubscriber,
          inject: [Subscriptions, TaskClient],
          useFactory: (subscriptions: Subscriptions, tasks: TaskClient) =>
            new WebhookSubscriber(subscriptions, tasks, webhooks),
        },
      );
    }
    return { module: MailSubscribersModule, providers, exports: webhooks === null ? [] : [WebhookSender] };
  }
}
