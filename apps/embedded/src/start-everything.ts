import { startWeb } from '#web';
import { startWorker } from '#worker';
import { Logger } from '@nestjs/common';
import { mailEvents, readConfiguration, type Configuration } from '@celeriac/config';
import { mailDatabase, mailQueues, mailTopology } from '@celeriac/mail';
import type { Stoppable } from '@celeriac/process';
import { bringBackAll, MemoryBroker, migrate, TaskServer } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { startEmbeddedPostgres } from './postgres/index.js';

/** All apps, running in this process. */
export interface Everything extends Stoppable {
  /** Where the form is. */
  webUrl: string;
  /** Where mails go. */
  emailBackend: Configuration['EMAIL_BACKEND'];
}

/**
 * Starts Postgres and all apps in this process, with a broker in memory: what was in it at the end of the last run is
 * brought back from Postgres.
 *
 * @param dataFolder - where Postgres keeps its data
 * @param environment - settings for the apps; the database and the broker are our own
 */
export async function startEverything(dataFolder: string, environment: NodeJS.ProcessEnv): Promise<Everything> {
  const log = new Logger('Celeriac');
  const postgres = await startEmbeddedPostgres({
    dataDir: dataFolder,
    database: 'celeriac',
    log: (line) => log.log(line),
  });
  const started: Stoppable[] = [{ close: () => postgres.stop() }];
  // The last one started is the first to stop; Postgres is the last, when nobody writes any more.
  const close = async (): Promise<void> => {
    let failure: unknown;
    for (let part = started.pop(); part !== undefined; part = started.pop()) {
      // A part that fails to stop may not leave the others running.
      await part.close().catch((error: unknown) => (failure ??= error));
    }
    if (failure !== undefined) throw failure;
  };
  try {
    const configuration = readConfiguration({
      ...environment,
      DATABASE_URL: postgres.url,
      BROKER_URL: '',
      BEAT_INSIDE: 'worker',
    });
    const events = mailEvents(configuration);
    await prepareDatabase(postgres.url, mailQueues(events));
    const broker = new MemoryBroker(mailTopology(events));
    const worker = await startWorker(configuration, broker);
    started.push(worker);
    const web = await startWeb(configuration, broker);
    started.push(web);
    return {
      webUrl: addressOf(await web.getUrl()),
      emailBackend: configuration.EMAIL_BACKEND,
      close,
      hurry: () => worker.get(TaskServer).hurry(),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Migrates, and ends what a killed process left behind: its leases, and the messages that were in its memory. */
async function prepareDatabase(url: string, queues: string[]): Promise<void> {
  const dataSource = await new DataSource(mailDatabase(url)).initialize();
  try {
    await migrate(dataSource);
    await bringBackAll(dataSource, queues);
  } finally {
    await dataSource.destroy();
  }
}

/** @returns the address as people write it; cookies of `localhost` and of 127.0.0.1 are not the same */
function addressOf(url: string): string {
  return url.replace('//127.0.0.1:', '//localhost:').replace('//[::1]:', '//localhost:');
}
