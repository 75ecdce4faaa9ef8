import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a run says of itself: its progress, and its log. */
export class TaskReports1764000200000 implements MigrationInterface {
  readonly name = 'TaskReports1764000200000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE task ADD COLUMN progress json`);
    await queryRunner.query(`ALTER TABLE task_attempt ADD COLUMN log json`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE task_attempt DROP COLUMN log`);
    await queryRunner.query(`ALTER TABLE task DROP COLUMN progress`);
  }
}
