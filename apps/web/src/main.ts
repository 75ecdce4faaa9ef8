import { loadEnvironmentFile, mailEvents, readConfiguration } from '@celeriac/config';
import { mailBroker } from '@celeriac/mail';
import { runProcess } from '@celeriac/process';
import { Logger } from '@nestjs/common';
import { startWeb } from './start-web.js';

await runProcess(async () => {
  loadEnvironmentFile();
  const configuration = readConfiguration(process.env);
  const { BROKER_URL: urls, BROKER_CA_FILE: caFile } = configuration;
  const app = await startWeb(configuration, mailBroker({ urls, caFile, events: mailEvents(configuration) }));
  new Logger('Web').log(`Listening on ${await app.getUrl()}`);
  return app;
});
