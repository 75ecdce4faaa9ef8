import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For how long a task is kept after its end. */
export class TaskRetention1764000500000 implements MigrationInterface {
  readonly name = 'TaskRetention1764000500000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE task ADD COLUMN retention_seconds double precision, ADD COLUMN forget_after timestamptz`);
    // Set once and never changed: updates stay HOT.
    await queryRunner.query(`
      CREATE INDEX task_forget_after ON task (forget_after) WHERE forget_after IS NOT NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE task DROP COLUMN forget_after, DROP COLUMN retention_seconds`);
  }
}
