import type { DataSource } from 'typeorm';

/** The database is not of this version of the program. */
export class SchemaOutdatedError extends Error {
  override readonly name = 'SchemaOutdatedError';

  constructor() {
    super(
      'The database lacks tables or columns that this version needs. Bring it up to date first: npx celeriac migrate, or migrate(dataSource).',
    );
  }
}

/** Any number, as long as nobody else uses it. */
const MIGRATION_LOCK = 4_242_016;

/**
 * Brings the database up to date: all pending migrations in one transaction. Several processes may do so at the same
 * time; one does the work and the others find it done.
 *
 * @returns the names of the migrations that were run
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const migrations = await dataSource.runMigrations({ transaction: 'all' });
    return migrations.map(({ name }) => name);
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await lock.release();
  }
}

/** @throws {@link SchemaOutdatedError} when there are pending migrations */
export async function assertMigrated(dataSource: DataSource): Promise<void> {
  if (await dataSource.showMigrations()) throw new SchemaOutdatedError();
}
