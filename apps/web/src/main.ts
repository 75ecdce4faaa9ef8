import { loadEnvironmentFile, mailBrokerSettings, readConfiguration } from '@celeriac/config';
import { mailBroker } from '@celeriac/mail';
import { runProcess } from '@celeriac/process';
import { Logger } from '@nestjs/common';
import { startWeb } from './start-web.js';

await runProcess(async () => {
  loadEnvironmentFile();
  const configuration = readConfiguration(process.env);
  const app = await startWeb(configuration, mailBroker(mailBrokerSettings(configuration)));
  new Logger('Web').log(`Listening on ${await app.getUrl()}`);
  return app;
});
