import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * The slots of a task with a limited rate, or of one key of it: a token bucket that holds one token, kept as the time
 * of the next free slot (GCRA, "generic cell rate algorithm"). Postgres's clock.
 */
@Entity('rate_bucket')
export class RateBucketEntity {
  @PrimaryColumn('text', { name: 'task_name', primaryKeyConstraintName: 'rate_bucket_pkey' })
  taskName!: string;

  /** What the contract's `rateLimitKey` said; empty without one. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'rate_bucket_pkey' })
  key!: string;

  /** How far apart the slots are that have been given and are not over: the longest such distance. */
  @Column('bigint', { name: 'interval_us' })
  intervalUs!: string;

  @Column('timestamptz', { name: 'next_slot_at' })
  nextSlotAt!: Date;

  /** Until when the rate is used up by those that came back in their slots; for those that come back late. */
  @Column('timestamptz', { name: 'started_until' })
  startedUntil!: Date;
}
