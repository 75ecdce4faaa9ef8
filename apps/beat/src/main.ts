import { loadEnvironmentFile, mailBrokerSettings, readConfiguration } from '@celeriac/config';
import { mailBroker } from '@celeriac/mail';
import { readFlag, runProcess } from '@celeriac/process';
import { startBeat } from './start-beat.js';

await runProcess(async () => {
  const reset = readFlag('reset', 'to have the entries of the code be as the code says, whoever has changed them');
  loadEnvironmentFile();
  const configuration = readConfiguration(process.env);
  return startBeat(configuration, mailBroker(mailBrokerSettings(configuration)), reset);
});
