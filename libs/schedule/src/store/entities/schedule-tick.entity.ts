import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One row for each time that an entry was due: whoever writes it sends the task, in the same transaction. */
@Entity('schedule_tick')
@Index('schedule_tick_created_at', ['createdAt'])
export class ScheduleTickEntity {
  /** The entry's name; ticks outlive it, so that one made anew under its name does not send twice. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'schedule_tick_pkey' })
  entry!: string;

  @PrimaryColumn('timestamptz', { name: 'due_at', primaryKeyConstraintName: 'schedule_tick_pkey' })
  dueAt!: Date;

  /**
   * Of the task that was sent, of the broadcast, or of the task that holds the key of a unique one. Null when none was
   * sent, since the last one was still running, or it cannot be sent.
   */
  @Column('text', { name: 'task_id', nullable: true })
  taskId!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
