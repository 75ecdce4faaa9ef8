import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A revoke that holds for what comes later: for a task that is being run, or an id that nobody has seen yet. Whoever
 * claims the task ends it, whoever runs it is told.
 */
@Entity('revoked_task')
export class RevokedTaskEntity {
  @PrimaryColumn('text', { name: 'task_id', primaryKeyConstraintName: 'revoked_task_pkey' })
  taskId!: string;

  /** A run is ended at once; otherwise it decides itself. */
  @Column('boolean')
  terminate!: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
