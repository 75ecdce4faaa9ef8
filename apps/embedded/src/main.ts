import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { loadEnvironmentFile } from '@celeriac/config';
import { readFlag, runProcess } from '@celeriac/process';
import { removeEmbeddedPostgresData } from './postgres/index.js';
import { startEverything } from './start-everything.js';

const DATA_FOLDER = join(import.meta.dirname, '../../../.data');

await runProcess(async () => {
  const isFresh = readFlag('fresh', 'to begin with an empty database');
  loadEnvironmentFile();
  if (isFresh) await removeEmbeddedPostgresData(DATA_FOLDER);
  const everything = await startEverything(DATA_FOLDER, process.env);
  const log = new Logger('Celeriac');
  log.log(`Write a mail at ${everything.webUrl}`);
  const showsMails = everything.emailBackend === 'console';
  log.log(`${showsMails ? 'It is printed here when the worker has sent it. ' : ''}Ctrl-C stops everything.`);
  return everything;
});
