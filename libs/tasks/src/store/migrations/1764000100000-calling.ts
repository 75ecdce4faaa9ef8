import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tasks that are run elsewhere; unique tasks. */
export class Calling1764000100000 implements MigrationInterface {
  readonly name = 'Calling1764000100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE task ADD is_elsewhere boolean NOT NULL DEFAULT false`);
    await queryRunner.query(`
      CREATE TABLE unique_task (
        key bytea CONSTRAINT unique_task_pkey PRIMARY KEY,
        task_id text NOT NULL,
        until timestamptz NOT NULL
      )`);
    await queryRunner.query(`CREATE INDEX unique_task_until ON unique_task (until)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE unique_task`);
    await queryRunner.query(`ALTER TABLE task DROP is_elsewhere`);
  }
}
