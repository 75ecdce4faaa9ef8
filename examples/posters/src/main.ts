import { runProcess, type Stoppable } from '@celeriac/process';
import { TaskServer } from '@celeriac/tasks';
import { startAllInOne } from './all-in-one.js';
import { prepareDatabase } from './database.js';
import { rabbitMq, startWeb, startWorker } from './start.js';

const { BROKER_URL: brokerUrl, DATABASE_URL: databaseUrl, POSTERS_PORT = '8100' } = process.env;
const port = Number(POSTERS_PORT);

/** `main.js web` and `main.js worker` are processes of their own, as many as one likes; `main.js` is both in one. */
await runProcess(async (): Promise<Stoppable> => {
  const role = process.argv[2];
  if (role === undefined) return startAllInOne({ databaseUrl, brokerUrl, port });
  if (role !== 'web' && role !== 'worker') {
    throw new RangeError(`There is no role "${role}": say web, worker, or nothing for both in one.`);
  }
  if (databaseUrl === undefined || brokerUrl === undefined) {
    throw new RangeError(`${role} needs DATABASE_URL and BROKER_URL: it shares both with other processes.`);
  }
  await prepareDatabase(databaseUrl, false);
  if (role === 'web') return startWeb(databaseUrl, rabbitMq(brokerUrl), port);
  const worker = await startWorker(databaseUrl, rabbitMq(brokerUrl));
  const server = worker.get(TaskServer);
  return { close: () => worker.close(), hurry: () => server.hurry(), broken: server.broken };
});
