import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A key that one task at a time may hold: of unique tasks, and of calls with an idempotency key. */
@Entity('unique_task')
@Index('unique_task_until', ['until'])
export class UniqueTaskEntity {
  /** A hash of the task's name and its chosen input, or of the caller's key. */
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'unique_task_pkey' })
  key!: Buffer;

  /** The task that holds it. Once that has ended, the next one may take the key over. */
  @Column('text', { name: 'task_id' })
  taskId!: string;

  /** Until when it may be held at most. Postgres's clock. */
  @Column('timestamptz')
  until!: Date;
}
