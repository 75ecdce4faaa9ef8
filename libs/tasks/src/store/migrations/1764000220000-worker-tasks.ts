import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each worker runs. A worker of the version before does not say so: hence the default. */
export class WorkerTasks1764000220000 implements MigrationInterface {
  readonly name = 'WorkerTasks1764000220000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE worker ADD COLUMN task_ids text[] NOT NULL DEFAULT '{}'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE worker DROP COLUMN task_ids`);
  }
}
