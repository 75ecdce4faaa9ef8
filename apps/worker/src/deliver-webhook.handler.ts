import { Injectable } from '@nestjs/common';
import { deliverWebhook, WebhookSender, type DeliverWebhook } from '@celeriac/mail';
import { TaskContext, TaskHandler } from '@celeriac/tasks';

/** What the task's row says of an event that was delivered. */
interface DeliveryResult {
  /** The endpoint's answer. */
  status: number;
}

/** Runs {@link deliverWebhook}. */
@Injectable()
export class DeliverWebhookHandler {
  constructor(private readonly sender: WebhookSender) {}

  @TaskHandler(deliverWebhook)
  async deliver(input: DeliverWebhook, { signal }: TaskContext): Promise<DeliveryResult> {
    return { status: await this.sender.send(input, signal) };
  }
}
