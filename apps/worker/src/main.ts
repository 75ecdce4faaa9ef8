import { loadEnvironmentFile, mailEvents, readConfiguration } from '@celeriac/config';
import { mailBroker } from '@celeriac/mail';
import { runProcess } from '@celeriac/process';
import { TaskServer } from '@celeriac/tasks';
import { serveHealth } from './health-server.js';
import { startWorker } from './start-worker.js';

await runProcess(async () => {
  loadEnvironmentFile();
  const configuration = readConfiguration(process.env);
  const app = await startWorker(configuration, mailBroker(configuration.BROKER_URL, mailEvents(configuration)));
  const server = app.get(TaskServer);
  const port = configuration.WORKER_HEALTH_PORT;
  const health = port === 0 ? undefined : await serveHealth(port, () => server.ready);
  return {
    hurry: () => server.hurry(),
    close: async () => {
      health?.close();
      await app.close();
    },
  };
});
