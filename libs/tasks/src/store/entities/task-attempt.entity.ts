import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AttemptOutcome, LogLine, TaskError } from '../task-store.js';

/** One row for each run of a task, written when it ends, is taken over, or passes its point of no return. */
@Entity('task_attempt')
export class TaskAttemptEntity {
  @PrimaryColumn('text', { name: 'task_id', primaryKeyConstraintName: 'task_attempt_pkey' })
  taskId!: string;

  /** 1 for the first run. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'task_attempt_pkey' })
  number!: number;

  @Column('uuid', { name: 'worker_id' })
  workerId!: string;

  /** The worker's node name, `name@host`. */
  @Column('text', { name: 'worker_name' })
  workerName!: string;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  /**
   * When the handler said that its effect can no longer be taken back (for a mail: the first byte of DATA).
   * Set and without an outcome: nobody knows whether the effect has happened.
   */
  @Column('timestamptz', { name: 'point_of_no_return_at', nullable: true })
  pointOfNoReturnAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  /** Null while it runs. */
  @Column('text', { nullable: true })
  outcome!: AttemptOutcome | null;

  @Column('json', { nullable: true })
  error!: TaskError | null;

  /** What the handler has logged; null when nothing. */
  @Column('json', { nullable: true })
  log!: LogLine[] | null;
}
