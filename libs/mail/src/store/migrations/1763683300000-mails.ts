import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `mail` and `mail_recipient`. */
export class Mails1763683300000 implements MigrationInterface {
  readonly name = 'Mails1763683300000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE mail (
        id uuid CONSTRAINT mail_pkey PRIMARY KEY,
        task_id text NOT NULL,
        idempotency_key text NOT NULL CONSTRAINT mail_idempotency_key UNIQUE,
        subject text NOT NULL,
        message text NOT NULL,
        created_at timestamptz NOT NULL
      )`);
    await queryRunner.query(`
      CREATE TABLE mail_recipient (
        mail_id uuid NOT NULL,
        position integer NOT NULL,
        address text NOT NULL,
        verdict text,
        reply text,
        decided_at timestamptz,
        CONSTRAINT mail_recipient_pkey PRIMARY KEY (mail_id, position),
        CONSTRAINT mail_recipient_verdict CHECK (verdict IN ('accepted', 'refused', 'uncertain'))
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE mail_recipient, mail`);
  }
}
