import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What makes a mail the same as another one. */
export class MailContent1763780000000 implements MigrationInterface {
  readonly name = 'MailContent1763780000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE mail ADD content_hash bytea`);
    await queryRunner.query(`CREATE INDEX mail_content ON mail (content_hash, created_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE mail DROP COLUMN content_hash`);
  }
}
