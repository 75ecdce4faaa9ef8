import type { DataSource } from 'typeorm';
import { PostgresOutboxStore } from './postgres-outbox-store.js';

/**
 * For a process that is alone with its database and whose broker is its own memory: ends the leases of earlier runs
 * and puts every unfinished task back into the outbox. To be called before any worker starts.
 *
 * @returns how many tasks were brought back
 */
export async function bringBackAll(dataSource: DataSource, queues: string[]): Promise<number> {
  await dataSource.query('UPDATE worker SET lease_until = now() WHERE lease_until > now()');
  const store = new PostgresOutboxStore(dataSource);
  try {
    let total = 0;
    for (let count = -1; count !== 0; total += count) count = await store.reconcile(queues, 0);
    return total;
  } finally {
    await store.close();
  }
}
