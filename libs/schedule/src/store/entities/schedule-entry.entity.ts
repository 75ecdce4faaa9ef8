import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { EntryOptions, JsonDefinition, Missed, Overlap } from '../../entry/entry.js';

/** One row for each periodic task, by its name. */
@Entity('schedule_entry')
@Check('schedule_entry_missed', `missed IN ('skip', 'last', 'all')`)
@Check('schedule_entry_overlap', `overlap IN ('allow', 'skip')`)
@Index('schedule_entry_next_run_at', ['nextRunAt'], { where: 'next_run_at IS NOT NULL' })
export class ScheduleEntryEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'schedule_entry_pkey' })
  name!: string;

  /** The task's name. */
  @Column('text')
  task!: string;

  @Column('json', { default: '[]' })
  args!: unknown[];

  @Column('json', { default: '{}' })
  kwargs!: Record<string, unknown>;

  @Column('json', { default: '{}' })
  options!: EntryOptions;

  /** A `Schedule` as JSON, whose times are text. */
  @Column('json')
  schedule!: unknown;

  @Column('boolean', { default: true })
  enabled!: boolean;

  @Column('text', { default: '' })
  description!: string;

  /** Before that it is not due. */
  @Column('timestamptz', { name: 'starts_at', nullable: true })
  startsAt!: Date | null;

  /** From then on it is not due. */
  @Column('timestamptz', { name: 'ends_at', nullable: true })
  endsAt!: Date | null;

  /** Disabled after its first run. */
  @Column('boolean', { name: 'one_off', default: false })
  oneOff!: boolean;

  /** What becomes of times at which no beat was running. */
  @Column('text', { default: 'last' })
  missed!: Missed;

  /** Whether it starts while its last task has not ended. */
  @Column('text', { default: 'allow' })
  overlap!: Overlap;

  /** Its tasks start up to so many seconds later, each at a time of its own. */
  @Column('double precision', { name: 'jitter_seconds', default: 0 })
  jitterSeconds!: number;

  /** When it is due next; null: never, or disabled. */
  @Column('timestamptz', { name: 'next_run_at', nullable: true })
  nextRunAt!: Date | null;

  /** The time for which the last task was sent. */
  @Column('timestamptz', { name: 'last_run_at', nullable: true })
  lastRunAt!: Date | null;

  @Column('text', { name: 'last_task_id', nullable: true })
  lastTaskId!: string | null;

  @Column('integer', { name: 'total_runs', default: 0 })
  totalRuns!: number;

  /** Why beat has disabled it; null when it has not. */
  @Column('text', { nullable: true })
  problem!: string | null;

  /** The definition as the code said it last; null: it does not come from the code. */
  @Column('json', { nullable: true })
  declared!: JsonDefinition | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
