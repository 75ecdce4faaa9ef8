import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a worker consumes, and how much at a time. A worker of the version before says neither: hence the defaults. */
export class WorkerQueues1764000200000 implements MigrationInterface {
  readonly name = 'WorkerQueues1764000200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE worker
        ADD COLUMN queues text[] NOT NULL DEFAULT '{}',
        ADD COLUMN concurrency integer NOT NULL DEFAULT 0`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE worker DROP COLUMN concurrency, DROP COLUMN queues`);
  }
}
