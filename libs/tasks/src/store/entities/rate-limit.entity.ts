import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** The rate of a task as it was set while running. It counts more than the contract's. */
@Entity('rate_limit')
@Check('rate_limit_rate', `rate ~ '^[0-9]+([.][0-9]+)?/[smh]$'`)
export class RateLimitEntity {
  @PrimaryColumn('text', { name: 'task_name', primaryKeyConstraintName: 'rate_limit_pkey' })
  taskName!: string;

  /** Such as `100/m`; null: no limit. */
  @Column('text', { nullable: true })
  rate!: string | null;

  /** How often it was set: by the sum over all rows, which only ever rises, a claim sees that it knows the rates. */
  @Column('integer', { default: 1 })
  changes!: number;
}
