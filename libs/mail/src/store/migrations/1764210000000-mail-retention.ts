import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Mails whose text is removed some time after their end. */
export class MailRetention1764210000000 implements MigrationInterface {
  readonly name = 'MailRetention1764210000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE mail
        ALTER message DROP NOT NULL,
        ADD text_removed_at timestamptz,
        ADD CONSTRAINT mail_text_removed CHECK ((message IS NULL) = (text_removed_at IS NOT NULL))`);
    // A mail leaves it once; what else changes of a mail does not touch it.
    await queryRunner.query(`CREATE INDEX mail_with_text ON mail (id) WHERE text_removed_at IS NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX mail_with_text`);
    await queryRunner.query(`UPDATE mail SET message = '', text_removed_at = NULL WHERE message IS NULL`);
    await queryRunner.query(`
      ALTER TABLE mail DROP CONSTRAINT mail_text_removed, DROP text_removed_at, ALTER message SET NOT NULL`);
  }
}
