import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `revoked_task`, `rate_limit` and `rate_bucket`. */
export class RevokesAndRates1764000400000 implements MigrationInterface {
  readonly name = 'RevokesAndRates1764000400000';

  async up(queryRunner: QueryRunner): Promise<void> {
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
    await queryRunner.query(`DROP TABLE rate_bucket, rate_limit, revoked_task`);
  }
}
