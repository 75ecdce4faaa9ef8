import { loadEnvironmentFile, readConfiguration } from '@celeriac/config';
import { sendEmail } from '@celeriac/mail';
import { runProcess } from '@celeriac/process';
import { RabbitMqBroker, TaskServer, taskTopology } from '@celeriac/tasks';
import { Logger } from '@nestjs/common';
import { serveHealth } from './health-server.js';
import { startWorker } from './start-worker.js';

await runProcess(async () => {
  loadEnvironmentFile();
  const configuration = readConfiguration(process.env);
  const broker = new RabbitMqBroker({
    urls: configuration.BROKER_URL,
    topology: taskTopology([sendEmail.queue]),
    log: new Logger('RabbitMQ'),
  });
  const app = await startWorker(configuration, broker);
  const server = app.get(TaskServer);
  const port = configuration.WORKER_HEALTH_PORT;
  const health = port === 0 ? undefined : await serveHealth(port, () => server.ready);
  return {
    close: async () => {
      health?.close();
      await app.close();
    },
  };
});
