import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a task holds a key. */
export class UniqueTaskHolders1764000600000 implements MigrationInterface {
  readonly name = 'UniqueTaskHolders1764000600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE INDEX unique_task_task_id ON unique_task (task_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX unique_task_task_id`);
  }
}
