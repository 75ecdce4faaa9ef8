import { loadEnvironmentFile, readConfiguration } from '@celeriac/config';
import { mailSchema } from '@celeriac/mail';
import { migrate } from '@celeriac/tasks';
import { DataSource } from 'typeorm';

let dataSource: DataSource | undefined;
try {
  loadEnvironmentFile();
  const { DATABASE_URL: url } = readConfiguration(process.env);
  dataSource = await new DataSource({ type: 'postgres', url, ...mailSchema }).initialize();
  const names = await migrate(dataSource);
  console.log(names.length === 0 ? 'The database is up to date.' : `Done: ${names.join(', ')}.`);
} catch (error) {
  console.error(`The database could not be migrated: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await dataSource?.destroy();
}
