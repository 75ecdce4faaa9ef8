import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `mail_event`, the audit log. */
export class MailEvents1764000240000 implements MigrationInterface {
  readonly name = 'MailEvents1764000240000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE mail_event (
        id uuid CONSTRAINT mail_event_pkey PRIMARY KEY,
        mail_id uuid NOT NULL,
        type text NOT NULL,
        occurred_at timestamptz NOT NULL,
        recipients json NOT NULL,
        reason text
      )`);
    await queryRunner.query(`CREATE INDEX mail_event_mail_id ON mail_event (mail_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE mail_event`);
  }
}
