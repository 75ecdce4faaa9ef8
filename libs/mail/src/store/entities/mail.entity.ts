import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/** One row for each mail that was accepted. What became of it stands with its recipients and its task. */
@Entity('mail')
@Unique('mail_idempotency_key', ['idempotencyKey'])
@Index('mail_content', ['contentHash', 'createdAt'])
@Index('mail_with_text', ['id'], { where: 'text_removed_at IS NULL' })
@Check('mail_text_removed', '(message IS NULL) = (text_removed_at IS NOT NULL)')
export class MailEntity {
  /** UUIDv7; its time is `createdAt`. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'mail_pkey' })
  id!: string;

  /** The task that sends it. */
  @Column('text', { name: 'task_id' })
  taskId!: string;

  /** The tasks that sent it before somebody asked for it to be sent again, oldest first. */
  @Column('text', { name: 'earlier_task_ids', array: true, default: [] })
  earlierTaskIds!: string[];

  /** The same key again is the same mail again. */
  @Column('text', { name: 'idempotency_key' })
  idempotencyKey!: string;

  /** SHA-256 of recipients, subject and message; null for a mail that is older than this column. */
  @Column('bytea', { name: 'content_hash', nullable: true, select: false })
  contentHash?: Buffer | null;

  @Column('text')
  subject!: string;

  /** Null when the retention has removed it. */
  @Column('text', { nullable: true })
  message!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  /** When the retention has removed the message; null while it is there. */
  @Column('timestamptz', { name: 'text_removed_at', nullable: true })
  textRemovedAt!: Date | null;
}
