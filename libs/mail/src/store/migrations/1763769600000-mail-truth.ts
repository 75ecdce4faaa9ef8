import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Replies to recipients who are not decided on yet, mails that are sent again, and the trouble with the mail server. */
export class MailTruth1763769600000 implements MigrationInterface {
  readonly name = 'MailTruth1763769600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE mail_recipient RENAME COLUMN decided_at TO answered_at`);
    await queryRunner.query(`
      ALTER TABLE mail_recipient
        DROP CONSTRAINT mail_recipient_verdict,
        ADD CONSTRAINT mail_recipient_verdict CHECK (verdict IN ('accepted', 'arrived', 'refused', 'uncertain'))`);
    await queryRunner.query(`ALTER TABLE mail ADD earlier_task_ids text[] NOT NULL DEFAULT '{}'`);
    await queryRunner.query(`
      CREATE TABLE mail_server_trouble (
        id boolean NOT NULL DEFAULT true,
        problem text NOT NULL,
        advice text NOT NULL,
        since timestamptz NOT NULL,
        failed_probes integer NOT NULL,
        next_probe_at timestamptz NOT NULL,
        CONSTRAINT mail_server_trouble_pkey PRIMARY KEY (id),
        CONSTRAINT mail_server_trouble_single CHECK (id)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE mail_server_trouble`);
    await queryRunner.query(`ALTER TABLE mail DROP COLUMN earlier_task_ids`);
    await queryRunner.query(`UPDATE mail_recipient SET verdict = 'uncertain' WHERE verdict = 'arrived'`);
    await queryRunner.query(`
      ALTER TABLE mail_recipient
        DROP CONSTRAINT mail_recipient_verdict,
        ADD CONSTRAINT mail_recipient_verdict CHECK (verdict IN ('accepted', 'refused', 'uncertain'))`);
    await queryRunner.query(`ALTER TABLE mail_recipient RENAME COLUMN answered_at TO decided_at`);
  }
}
