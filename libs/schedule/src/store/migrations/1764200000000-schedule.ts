import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Periodic tasks, and the times at which they were due. */
export class Schedule1764200000000 implements MigrationInterface {
  readonly name = 'Schedule1764200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE schedule_entry (
        name text CONSTRAINT schedule_entry_pkey PRIMARY KEY,
        task text NOT NULL,
        args json NOT NULL DEFAULT '[]',
        kwargs json NOT NULL DEFAULT '{}',
        options json NOT NULL DEFAULT '{}',
        schedule json NOT NULL,
        enabled boolean NOT NULL DEFAULT true,
        description text NOT NULL DEFAULT '',
        starts_at timestamptz,
        ends_at timestamptz,
        one_off boolean NOT NULL DEFAULT false,
        missed text NOT NULL DEFAULT 'last' CONSTRAINT schedule_entry_missed CHECK (missed IN ('skip', 'last', 'all')),
        overlap text NOT NULL DEFAULT 'allow' CONSTRAINT schedule_entry_overlap CHECK (overlap IN ('allow', 'skip')),
        jitter_seconds double precision NOT NULL DEFAULT 0,
        next_run_at timestamptz,
        last_run_at timestamptz,
        last_task_id text,
        total_runs integer NOT NULL DEFAULT 0,
        problem text,
        declared json,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await queryRunner.query(
      `CREATE INDEX schedule_entry_next_run_at ON schedule_entry (next_run_at) WHERE next_run_at IS NOT NULL`,
    );
    await queryRunner.query(`
      CREATE TABLE schedule_tick (
        entry text,
        due_at timestamptz,
        task_id text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT schedule_tick_pkey PRIMARY KEY (entry, due_at)
      )`);
    await queryRunner.query(`CREATE INDEX schedule_tick_created_at ON schedule_tick (created_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE schedule_tick, schedule_entry`);
  }
}
