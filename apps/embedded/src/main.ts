import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { loadEnvironmentFile } from '@celeriac/config';
import { runProcess } from '@celeriac/process';
import { removeEmbeddedPostgresData } from './postgres/index.js';
import { startEverything } from './start-everything.js';

const DATA_FOLDER = join(import.meta.dirname, '../../../.data');

class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns whether to begin with an empty database */
function readArguments(): boolean {
  try {
    return parseArgs({ options: { fresh: { type: 'boolean', default: false } } }).values.fresh;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${problem}. There is one option: --fresh, to begin with an empty database.`);
  }
}

await runProcess(async () => {
  const isFresh = readArguments();
  loadEnvironmentFile();
  if (isFresh) await removeEmbeddedPostgresData(DATA_FOLDER);
  const everything = await startEverything(DATA_FOLDER, process.env);
  const log = new Logger('Celeriac');
  log.log(`Write a mail at ${everything.webUrl}`);
  const showsMails = everything.emailBackend === 'console';
  log.log(`${showsMails ? 'It is printed here when the worker has sent it. ' : ''}Ctrl-C stops everything.`);
  return everything;
});
