import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a task was sent back from the dead letters: an old one may be unfinished again. */
export class SentBack1764000210000 implements MigrationInterface {
  readonly name = 'SentBack1764000210000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE task ADD COLUMN sent_back_at timestamptz`);
    // Changed by no run of a task: updates stay HOT.
    await queryRunner.query(`CREATE INDEX task_sent_back_at ON task (sent_back_at) WHERE sent_back_at IS NOT NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE task DROP COLUMN sent_back_at`);
  }
}
