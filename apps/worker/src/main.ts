import { loadEnvironmentFile, mailBrokerSettings, readConfiguration } from '@celeriac/config';
import { mailBroker } from '@celeriac/mail';
import { runProcess } from '@celeriac/process';
import { startWorkerProcess } from './start-worker.js';

await runProcess(async () => {
  loadEnvironmentFile();
  const configuration = readConfiguration(process.env);
  return startWorkerProcess(configuration, mailBroker(mailBrokerSettings(configuration)));
});
