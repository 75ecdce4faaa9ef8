import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What the mail server said of one recipient, for good. `uncertain`: the link was lost between the body and the
 * server's reply.
 */
export type Verdict = 'accepted' | 'refused' | 'uncertain';

@Entity('mail_recipient')
@Check('mail_recipient_verdict', `verdict IN ('accepted', 'refused', 'uncertain')`)
export class MailRecipientEntity {
  @PrimaryColumn('uuid', { name: 'mail_id', primaryKeyConstraintName: 'mail_recipient_pkey' })
  mailId!: string;

  /** The place in the list that the user gave, from 0. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'mail_recipient_pkey' })
  position!: number;

  @Column('text')
  address!: string;

  /** Null while it is open. */
  @Column('text', { nullable: true })
  verdict!: Verdict | null;

  /** The server's words. */
  @Column('text', { nullable: true })
  reply!: string | null;

  @Column('timestamptz', { name: 'decided_at', nullable: true })
  decidedAt!: Date | null;
}
