import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One row for each worker process. A claim holds as long as its worker's lease lives. */
@Entity('worker')
export class WorkerEntity {
  /** New at each start, so that a restarted worker never inherits claims. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'worker_pkey' })
  id!: string;

  /** Node name, `name@host`. */
  @Column('text')
  name!: string;

  @Column('integer')
  pid!: number;

  /** The queues that it consumes. */
  @Column('text', { array: true, default: [] })
  queues!: string[];

  /** How many tasks it runs at a time. */
  @Column('integer', { default: 0 })
  concurrency!: number;

  /** The tasks that it ran when it last renewed its lease. */
  @Column('text', { name: 'task_ids', array: true, default: [] })
  taskIds!: string[];

  @Column('timestamptz', { name: 'started_at', default: () => 'now()' })
  startedAt!: Date;

  /** Until when the worker's claims hold without a renewal. Postgres's clock. */
  @Column('timestamptz', { name: 'lease_until' })
  leaseUntil!: Date;
}
