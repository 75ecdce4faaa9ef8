import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mailSchema } from '@celeriac/mail';
import { assertMigrated, migrate, SchemaOutdatedError } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { createTestDatabase } from '../services/index.js';

describe('the schema', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let dataSource: DataSource;

  beforeEach(async () => {
    database = await createTestDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url, ...mailSchema }).initialize();
  });

  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('is after the migrations just what the entities say', async () => {
    await migrate(dataSource);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('goes down and up again', async () => {
    const names = await migrate(dataSource);
    for (const _ of names) await dataSource.undoLastMigration({ transaction: 'all' });
    const tables = await dataSource.query(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'`,
    );
    expect(tables).toEqual([]);
    expect(await migrate(dataSource)).toEqual(names);
  });

  it('is migrated once by processes that start at the same time', async () => {
    const other = await new DataSource({ type: 'postgres', url: database.url, ...mailSchema }).initialize();
    try {
      const [first, second] = await Promise.all([migrate(dataSource), migrate(other)]);
      expect([first.length, second.length].toSorted()).toEqual([0, mailSchema.migrations.length]);
    } finally {
      await other.destroy();
    }
  });

  it('is asked for at boot', async () => {
    await expect(assertMigrated(dataSource)).rejects.toThrow(SchemaOutdatedError);
    await migrate(dataSource);
    await expect(assertMigrated(dataSource)).resolves.toBeUndefined();
  });
});
