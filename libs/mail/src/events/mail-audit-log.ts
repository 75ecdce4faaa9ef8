import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MailEventEntity } from '../store/entities/mail-event.entity.js';
import type { MailEvent } from './mail-event.js';

/** What has happened to mails, event by event, as long as the mails are there. */
@Injectable()
export class MailAuditLog {
  constructor(private readonly dataSource: DataSource) {}

  /** Writes events down, in one statement; one that is there already is left alone. */
  async record(events: readonly MailEvent[]): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO mail_event (id, mail_id, type, occurred_at, recipients, reason)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::json[], $6::text[])
       ON CONFLICT (id) DO NOTHING`,
      [
        events.map(({ id }) => id),
        events.map(({ data }) => data.mailId),
        events.map(({ type }) => type),
        events.map(({ timestamp }) => timestamp),
        events.map(({ data }) => JSON.stringify(data.recipients)),
        events.map(({ data }) => data.reason),
      ],
    );
  }

  /** @returns the mail's events, oldest first */
  async eventsOf(mailId: string): Promise<MailEvent[]> {
    const rows = await this.dataSource
      .getRepository(MailEventEntity)
      .find({ where: { mailId }, order: { occurredAt: 'ASC', id: 'ASC' } });
    return rows.map(({ id, type, occurredAt, recipients, reason }) => ({
      id,
      type,
      timestamp: occurredAt.toISOString(),
      data: { mailId, recipients, reason },
    }));
  }
}
