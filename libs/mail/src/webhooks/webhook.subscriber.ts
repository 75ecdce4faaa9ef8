import { Injectable, type OnModuleInit } from '@nestjs/common';
import { routeMessage, Subscriptions, TaskClient, type ReceivedMessage, type Topology } from '@celeriac/tasks';
import { MAIL_EVENTS, mailEventTopology, WEBHOOKS_QUEUE } from '../events/event-topology.js';
import { mailEventSchema, type MailEvent } from '../events/mail-event.js';
import type { WebhookOptions } from '../events/mail-events-options.js';
import { deliverWebhook, deliveriesOf } from './deliver-webhook.js';

/** Makes of each event a task for each endpoint: from there on, each endpoint is told, or fails, by itself. */
@Injectable()
export class WebhookSubscriber implements OnModuleInit {
  private readonly topology: Topology;

  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly tasks: TaskClient,
    private readonly options: WebhookOptions,
  ) {
    this.topology = mailEventTopology({ auditLog: false, webhooks: options });
  }

  onModuleInit(): void {
    this.subscriptions.add({
      queue: WEBHOOKS_QUEUE,
      schema: mailEventSchema,
      handle: (messages) => this.send(messages),
    });
  }

  private async send(messages: ReadonlyArray<ReceivedMessage<MailEvent>>): Promise<void> {
    const calls = messages
      .filter((message) => this.isWanted(message))
      .flatMap(({ body }) => deliveriesOf(body, this.options.urls));
    if (calls.length > 0) await this.tasks.enqueueMany(deliverWebhook, calls);
  }

  /** RabbitMQ keeps a binding until somebody removes it: patterns that were changed bring events of the old ones. */
  private isWanted({ routingKey }: ReceivedMessage<MailEvent>): boolean {
    return routeMessage(this.topology, MAIL_EVENTS, routingKey).length > 0;
  }
}
