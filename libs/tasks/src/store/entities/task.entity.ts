import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { TaskState } from '../../contract/task-state.js';
import type { StoredEnvelope, TaskError, TaskProgress, WaitReason } from '../task-store.js';

/**
 * One row a task, from the call to its end: what Celery's result backend is, and the fence that keeps a
 * message from being run twice. No index on what changes, so that updates stay cheap (HOT).
 */
@Entity('task')
@Index('task_created_at', ['createdAt'])
@Index('task_sent_back_at', ['sentBackAt'], { where: 'sent_back_at IS NOT NULL' })
@Index('task_forget_after', ['forgetAfter'], { where: 'forget_after IS NOT NULL' })
@Check('task_state', `state IN ('PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED')`)
export class TaskEntity {
  /** Text, since a Python client may choose any string; ours are UUIDv7. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'task_pkey' })
  id!: string;

  @Column('text')
  name!: string;

  @Column('text')
  state!: TaskState;

  /** Why a PENDING or RETRY task is not running yet; null when it is simply next in its queue. */
  @Column('text', { name: 'wait_reason', nullable: true })
  waitReason!: WaitReason | null;

  /** When the task may run next; null when it is not waiting for a time. */
  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt!: Date | null;

  /** Policy: how many retries have been used up. */
  @Column('integer', { default: 0 })
  retries!: number;

  /** Fence: rises with each outbox row that continues the task; only a message that carries it runs. */
  @Column('integer', { default: 0 })
  generation!: number;

  /** Poison: how many workers died while running it. */
  @Column('integer', { default: 0 })
  deaths!: number;

  /** How many times it was claimed. With `workerId` it is the token that a settle must hold. */
  @Column('integer', { default: 0 })
  attempt!: number;

  /** The worker that holds the claim. */
  @Column('uuid', { name: 'worker_id', nullable: true })
  workerId!: string | null;

  @Column('text')
  queue!: string;

  /** It is run by workers that are not ours: who settles it is a message of theirs, and no claim. */
  @Column('boolean', { name: 'is_elsewhere', default: false })
  isElsewhere!: boolean;

  @Column('text')
  exchange!: string;

  @Column('text', { name: 'routing_key' })
  routingKey!: string;

  /** Properties and headers of the message, so that the task can be sent again by whoever finds it lost. */
  @Column('json')
  envelope!: StoredEnvelope;

  /** The message's body, to the byte. */
  @Column('bytea')
  body!: Buffer;

  @Column('json', { nullable: true })
  result!: unknown;

  @Column('json', { nullable: true })
  error!: TaskError | null;

  /** Its last run ended as FAILURE, and put its message into the dead letters. */
  @Column('boolean', { name: 'is_dead_lettered', default: false })
  isDeadLettered!: boolean;

  /** What the latest run has said of itself; null when it has said nothing. */
  @Column('json', { nullable: true })
  progress!: TaskProgress | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  /** For how long the task is kept after its end; null: for good. */
  @Column('double precision', { name: 'retention_seconds', nullable: true })
  retentionSeconds!: number | null;

  /** The earliest time at which that can be over: what to look at. It never changes. */
  @Column('timestamptz', { name: 'forget_after', nullable: true })
  forgetAfter!: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  /** When it was last sent back from the dead letters; null: never. No run changes it. */
  @Column('timestamptz', { name: 'sent_back_at', nullable: true })
  sentBackAt!: Date | null;

  /** When the latest claim was made. */
  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
