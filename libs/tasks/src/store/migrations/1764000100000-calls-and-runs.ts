import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What Celery's calls and runs have: foreign and unique tasks, retention, reports, revokes, rates, letters. */
export class CallsAndRuns1764000100000 implements MigrationInterface {
  readonly name = 'CallsAndRuns1764000100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE task
        ADD COLUMN is_elsewhere boolean NOT NULL DEFAULT false,
        ADD COLUMN progress json,
        ADD COLUMN retention_seconds double precision,
        ADD COLUMN forget_after timestamptz`);
    // Set once and never changed: updates stay HOT.
    await queryRunner.query(`CREATE INDEX task_forget_after ON task (forget_after) WHERE forget_after IS NOT NULL`);
    await queryRunner.query(`ALTER TABLE task_attempt ADD COLUMN log json`);
    await queryRunner.query(`ALTER TABLE outbox ADD COLUMN mandatory boolean NOT NULL DEFAULT true`);
    await queryRunner.query(`
      CREATE TABLE unique_task (
        key bytea CONSTRAINT unique_task_pkey PRIMARY KEY,
        task_id text NOT NULL,
        until timestamptz NOT NULL
      )`);
    await queryRunner.query(`CREATE INDEX unique_task_until ON unique_task (until)`);
    await queryRunner.query(`CREATE INDEX unique_task_task_id ON unique_task (task_id)`);
    await queryRunner.query(`
      CREATE TABLE revoked_task (
        task_id text CONSTRAINT revoked_task_pkey PRIMARY KEY,
        terminate boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await queryRunner.query(`
      CREATE TABLE rate_limit (
        task_name text CONSTRAINT rate_limit_pkey PRIMARY KEY,
        rate text,
        changes integer NOT NULL DEFAULT 1,
        CONSTRAINT rate_limit_rate CHECK (rate ~ '^[0-9]+([.][0-9]+)?/[smh]$')
      )`);
    await queryRunner.query(`
      CREATE TABLE rate_bucket (
        task_name text NOT NULL,
        key text NOT NULL,
        interval_us bigint NOT NULL,
        next_slot_at timestamptz NOT NULL,
        started_until timestamptz NOT NULL,
        CONSTRAINT rate_bucket_pkey PRIMARY KEY (task_name, key)
      ) WITH (fillfactor = 70)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE rate_bucket, rate_limit, revoked_task, unique_task`);
    await queryRunner.query(`ALTER TABLE outbox DROP COLUMN mandatory`);
    await queryRunner.query(`ALTER TABLE task_attempt DROP COLUMN log`);
    await queryRunner.query(`
      ALTER TABLE task
        DROP COLUMN forget_after, DROP COLUMN retention_seconds, DROP COLUMN progress, DROP COLUMN is_elsewhere`);
  }
}
