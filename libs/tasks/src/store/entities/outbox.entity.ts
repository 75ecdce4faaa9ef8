import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { OutboxTrouble } from '../standings.js';
import type { StoredEnvelope } from '../task-store.js';

/**
 * A message that has yet to be published. It is written in the transaction that decides on it and deleted
 * when the broker has confirmed it, so a message is never lost and never sent for work that was not committed.
 * Everything that waits (retry, countdown, hand-back) is a row with a later `due_at`.
 */
@Entity('outbox')
@Index('outbox_due_at', ['dueAt'])
@Unique('outbox_task_generation', ['taskId', 'generation'])
export class OutboxEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'outbox_pkey' })
  id!: string;

  /** Null for a message that continues no task (a dead letter). */
  @Column('text', { name: 'task_id', nullable: true })
  taskId!: string | null;

  @Column('integer', { nullable: true })
  generation!: number | null;

  @Column('text')
  exchange!: string;

  @Column('text', { name: 'routing_key' })
  routingKey!: string;

  @Column('json')
  envelope!: StoredEnvelope;

  @Column('bytea')
  body!: Buffer;

  /** AMQP's word. False: when no queue takes it, nobody waits for it any more, and it is done with. */
  @Column('boolean', { default: true })
  mandatory!: boolean;

  /** Why it could not be published, when that is not the broker's absence; null when nobody knows of any reason. */
  @Column('text', { nullable: true })
  trouble!: OutboxTrouble | null;

  /** When it may be published; pushed forward while a publisher works on it. Postgres's clock. */
  @Column('timestamptz', { name: 'due_at' })
  dueAt!: Date;
}
