import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { MailEvent, MailEventType } from '../../events/mail-event.js';

/** One row for each event of a mail, while there is an audit log. Rows are added, and never changed. */
@Entity('mail_event')
@Index('mail_event_mail_id', ['mailId'])
export class MailEventEntity {
  /** The event's: one that comes twice is written once. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'mail_event_pkey' })
  id!: string;

  @Column('uuid', { name: 'mail_id' })
  mailId!: string;

  @Column('text')
  type!: MailEventType;

  @Column('timestamptz', { name: 'occurred_at' })
  occurredAt!: Date;

  @Column('json')
  recipients!: MailEvent['data']['recipients'];

  @Column('text', { nullable: true })
  reason!: string | null;
}
