import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `outbox.mandatory`. */
export class OutboxMandatory1764000300000 implements MigrationInterface {
  readonly name = 'OutboxMandatory1764000300000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE outbox ADD COLUMN mandatory boolean NOT NULL DEFAULT true`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE outbox DROP COLUMN mandatory`);
  }
}
