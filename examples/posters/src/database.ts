import { scheduleEntities, scheduleMigrations } from '@celeriac/schedule';
import { bringBackAll, impatientPostgres, migrate, taskEntities, taskMigrations } from '@celeriac/tasks';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { queues } from './posters.tasks.js';

/** What a process opens its database with. Your own entities and migrations go beside those of the tasks. */
export function postersDatabase(url: string): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: [...taskEntities, ...scheduleEntities],
    migrations: [...taskMigrations, ...scheduleMigrations],
    ...impatientPostgres,
  };
}

/** @param isBrokerNew - its broker is in memory: what the last one held is brought back from the database */
export async function prepareDatabase(url: string, isBrokerNew: boolean): Promise<void> {
  const dataSource = await new DataSource(postersDatabase(url)).initialize();
  try {
    await migrate(dataSource);
    if (isBrokerNew) await bringBackAll(dataSource, queues);
  } finally {
    await dataSource.destroy();
  }
}
