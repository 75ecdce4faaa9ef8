import { loadEnvironmentFile, readConfiguration } from '@celeriac/config';
import { sendEmail } from '@celeriac/mail';
import { runProcess } from '@celeriac/process';
import { RabbitMqBroker, taskTopology } from '@celeriac/tasks';
import { Logger } from '@nestjs/common';
import { startWeb } from './start-web.js';

await runProcess(async () => {
  loadEnvironmentFile();
  const configuration = readConfiguration(process.env);
  const broker = new RabbitMqBroker({
    urls: configuration.BROKER_URL,
    topology: taskTopology([sendEmail.queue]),
    log: new Logger('RabbitMQ'),
  });
  const app = await startWeb(configuration, broker);
  new Logger('Web').log(`Listening on ${await app.getUrl()}`);
  return app;
});
