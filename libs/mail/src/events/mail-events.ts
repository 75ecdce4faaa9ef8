import { Inject, Injectable } from '@nestjs/common';
import { routeMessage, TaskClient } from '@celeriac/tasks';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { MAIL_EVENTS, mailEventTopology } from './event-topology.js';
import type { MailEvent, MailEventType, MailFact } from './mail-event.js';
import type { MailEventsOptions } from './mail-events-options.js';

/** Nest's token of the {@link MailEventsOptions}. */
export const MAIL_EVENTS_OPTIONS = Symbol('MAIL_EVENTS_OPTIONS');

/** Publishes what happens to mails, in the transaction that makes it true. Not there while nobody listens. */
@Injectable()
export class MailEvents {
  private readonly isHeard: (type: MailEventType) => boolean;

  constructor(
    private readonly tasks: TaskClient,
    @Inject(MAIL_EVENTS_OPTIONS) options: MailEventsOptions,
  ) {
    const topology = mailEventTopology(options);
    this.isHeard = (type) => routeMessage(topology, MAIL_EVENTS, type).length > 0;
  }

  /**
   * @param manager - of the transaction that makes it true
   * @param facts - however many, they are one statement
   */
  async publish(manager: EntityManager, facts: readonly MailFact[]): Promise<void> {
    if (facts.length === 0) return;
    // The instant that the transaction writes into its rows too.
    const [row] = (await manager.query('SELECT now()')) as [{ now: Date }];
    const timestamp = row.now.toISOString();
    const events = facts.map(({ type, mailId, recipients, reason = null }): MailEvent => ({
      id: uuidv7(),
      type,
      timestamp,
      data: { mailId, recipients, reason },
    }));
    await this.tasks.within(manager).publish(
      ...events.map((event) => ({
        exchange: MAIL_EVENTS,
        routingKey: event.type,
        id: event.id,
        body: event,
        // One that a subscriber of ours is to get waits until its queue is there; the others are for whom it may concern.
        mandatory: this.isHeard(event.type),
      })),
    );
  }
}
