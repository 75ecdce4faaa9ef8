import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What is known of one recipient, for good.
 *
 * - `accepted`, `refused`: the mail server's word.
 * - `uncertain`: the link was lost between the body and the server's reply.
 * - `arrived`: it was uncertain, and somebody has said that the mail is there.
 */
export type Verdict = 'accepted' | 'arrived' | 'refused' | 'uncertain';

@Entity('mail_recipient')
@Check('mail_recipient_verdict', `verdict IN ('accepted', 'arrived', 'refused', 'uncertain')`)
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

  /** The server's last words. */
  @Column('text', { nullable: true })
  reply!: string | null;

  /** When the run ended that heard the reply: the same instant as that attempt's `finished_at`. */
  @Column('timestamptz', { name: 'answered_at', nullable: true })
  answeredAt!: Date | null;
}
