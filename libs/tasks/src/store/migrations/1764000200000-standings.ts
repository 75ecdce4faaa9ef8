import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What tells why a task does not start: who consumes what, why a message stays in the outbox, what is a dead letter. */
export class Standings1764000200000 implements MigrationInterface {
  readonly name = 'Standings1764000200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE worker
        ADD COLUMN queues text[] NOT NULL DEFAULT '{}',
        ADD COLUMN concurrency integer NOT NULL DEFAULT 0`);
    await queryRunner.query(`ALTER TABLE outbox ADD COLUMN trouble text`);
    await queryRunner.query(`ALTER TABLE task ADD COLUMN is_dead_lettered boolean NOT NULL DEFAULT false`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE task DROP COLUMN is_dead_lettered`);
    await queryRunner.query(`ALTER TABLE outbox DROP COLUMN trouble`);
    await queryRunner.query(`ALTER TABLE worker DROP COLUMN concurrency, DROP COLUMN queues`);
  }
}
