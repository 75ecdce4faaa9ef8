import { loadEnvironmentFile, mailEvents, readConfiguration } from '@celeriac/config';
import { mailBroker } from '@celeriac/mail';
import { runProcess } from '@celeriac/process';
import { startWorkerProcess } from './start-worker.js';

await runProcess(async () => {
  loadEnvironmentFile();
  const configuration = readConfiguration(process.env);
  const { BROKER_URL: urls, BROKER_CA_FILE: caFile } = configuration;
  return startWorkerProcess(configuration, mailBroker({ urls, caFile, events: mailEvents(configuration) }));
});
