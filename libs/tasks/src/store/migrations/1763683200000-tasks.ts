import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `task`, `task_attempt`, `outbox` and `worker`. */
export class Tasks1763683200000 implements MigrationInterface {
  readonly name = 'Tasks1763683200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    // fillfactor leaves room on the page for the row's next versions: no index entry moves (HOT update).
    await queryRunner.query(`
      CREATE TABLE task (
        id text CONSTRAINT task_pkey PRIMARY KEY,
        name text NOT NULL,
        state text NOT NULL,
        wait_reason text,
        due_at timestamptz,
        retries integer NOT NULL DEFAULT 0,
        generation integer NOT NULL DEFAULT 0,
        deaths integer NOT NULL DEFAULT 0,
        attempt integer NOT NULL DEFAULT 0,
        worker_id uuid,
        queue text NOT NULL,
        exchange text NOT NULL,
        routing_key text NOT NULL,
        envelope json NOT NULL,
        body bytea NOT NULL,
        result json,
        error json,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        CONSTRAINT task_state CHECK (state IN ('PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED'))
      ) WITH (fillfactor = 70)`);
    await queryRunner.query(`CREATE INDEX task_created_at ON task (created_at)`);
    await queryRunner.query(`
      CREATE TABLE task_attempt (
        task_id text NOT NULL,
        number integer NOT NULL,
        worker_id uuid NOT NULL,
        worker_name text NOT NULL,
        started_at timestamptz,
        point_of_no_return_at timestamptz,
        finished_at timestamptz,
        outcome text,
        error json,
        CONSTRAINT task_attempt_pkey PRIMARY KEY (task_id, number)
      )`);
    await queryRunner.query(`
      CREATE TABLE outbox (
        id uuid CONSTRAINT outbox_pkey PRIMARY KEY,
        task_id text,
        generation integer,
        exchange text NOT NULL,
        routing_key text NOT NULL,
        envelope json NOT NULL,
        body bytea NOT NULL,
        due_at timestamptz NOT NULL,
        CONSTRAINT outbox_task_generation UNIQUE (task_id, generation)
      )`);
    await queryRunner.query(`CREATE INDEX outbox_due_at ON outbox (due_at)`);
    await queryRunner.query(`
      CREATE TABLE worker (
        id uuid CONSTRAINT worker_pkey PRIMARY KEY,
        name text NOT NULL,
        pid integer NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        lease_until timestamptz NOT NULL
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE worker, outbox, task_attempt, task`);
  }
}
