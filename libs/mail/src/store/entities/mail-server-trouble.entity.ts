import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** One row while the mail server refuses us whatever the mail; none while all is well. */
@Entity('mail_server_trouble')
@Check('mail_server_trouble_single', 'id')
export class MailServerTroubleEntity {
  /** Always true: there is one row at most. */
  @PrimaryColumn('boolean', { default: true, primaryKeyConstraintName: 'mail_server_trouble_pkey' })
  id!: boolean;

  /** The server's words. */
  @Column('text')
  problem!: string;

  /** What to mend. */
  @Column('text')
  advice!: string;

  @Column('timestamptz')
  since!: Date;

  @Column('integer', { name: 'failed_probes' })
  failedProbes!: number;

  /** From when on one mail may try. */
  @Column('timestamptz', { name: 'next_probe_at' })
  nextProbeAt!: Date;
}
