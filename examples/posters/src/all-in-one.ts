import { join } from 'node:path';
import { startEmbeddedPostgres } from '#embedded-postgres';
import type { Stoppable } from '@celeriac/process';
import { Logger } from '@nestjs/common';
import { MemoryBroker, TaskServer, taskTopology } from '@celeriac/tasks';
import { prepareDatabase } from './database.js';
import { queues } from './posters.tasks.js';
import { rabbitMq, startWeb, startWorker } from './start.js';

const DATA_FOLDER = join(import.meta.dirname, '../.data');

export interface AllInOneOptions {
  /** Without one, a Postgres server of our own is started; its data stays for the next time. */
  databaseUrl: string | undefined;
  /** Without one, the broker is in memory. */
  brokerUrl: string | undefined;
  port: number;
}

/** Starts web and worker in this process, and brings along what they lack. */
export async function startAllInOne({ databaseUrl, brokerUrl, port }: AllInOneOptions): Promise<Stoppable> {
  const started: Stoppable[] = [];
  // The last one started is the first to stop.
  const close = async (): Promise<void> => {
    for (let part = started.pop(); part !== undefined; part = started.pop()) await part.close();
  };
  try {
    const url = databaseUrl ?? (await startPostgres(started));
    const memory = new MemoryBroker(taskTopology(queues));
    const broker = (): MemoryBroker | ReturnType<typeof rabbitMq> =>
      brokerUrl === undefined ? memory : rabbitMq(brokerUrl);
    await prepareDatabase(url, brokerUrl === undefined);
    const worker = await startWorker(url, broker());
    started.push(worker);
    started.push(await startWeb(url, broker(), port));
    new Logger('Posters').log(`Order a poster at http://localhost:${port}. Ctrl-C stops everything.`);
    return { close, hurry: () => worker.get(TaskServer).hurry() };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startPostgres(started: Stoppable[]): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir: DATA_FOLDER, database: 'posters' });
  started.push({ close: () => postgres.stop() });
  return postgres.url;
}
