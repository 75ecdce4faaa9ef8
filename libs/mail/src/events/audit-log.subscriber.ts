import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Subscriptions } from '@celeriac/tasks';
import { AUDIT_LOG_QUEUE } from './event-topology.js';
import { MailAuditLog } from './mail-audit-log.js';
import { mailEventSchema } from './mail-event.js';

/** Has the audit log write down what it hears. */
@Injectable()
export class AuditLogSubscriber implements OnModuleInit {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly log: MailAuditLog,
  ) {}

  onModuleInit(): void {
    this.subscriptions.add({
      queue: AUDIT_LOG_QUEUE,
      schema: mailEventSchema,
      handle: (messages) => this.log.record(messages.map(({ body }) => body)),
    });
  }
}
