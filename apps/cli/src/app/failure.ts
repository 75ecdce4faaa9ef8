import { isLoginRefused } from '@celeriac/process';
import {
  BrokerAwayError,
  InvalidCallOptionError,
  InvalidTaskInputError,
  InvalidTaskPlaceError,
  isStoreAway,
  ResultTimeoutError,
  SchemaOutdatedError,
  UnknownTaskError,
} from '@celeriac/tasks';
import { CommandError } from '../command.error.js';
import { ExitCode } from '../exit-code.js';
import { DatabaseAwayError } from './command-log.js';

/** What was said on the command line makes no sense to the app. */
const USAGE_ERRORS = [InvalidTaskInputError, InvalidCallOptionError, InvalidTaskPlaceError];

/** Postgres's codes for tables and columns that are not there. */
const NOT_THERE = new Set(['42P01', '42703']);

const NOT_MIGRATED = 'The database lacks tables or columns that this version needs: celeriac migrate.';

/** @returns what an error of the app means for who runs a command; the error itself when it is a fault */
export function failureOf(error: unknown): unknown {
  if (error instanceof CommandError || !(error instanceof Error)) return error;
  const { message } = error;
  const as = (exitCode: ExitCode, text = message): CommandError => new CommandError(exitCode, text, { cause: error });
  if (error instanceof UnknownTaskError) return as(ExitCode.no);
  if (USAGE_ERRORS.some((kind) => error instanceof kind)) return as(ExitCode.usage);
  if (error instanceof DatabaseAwayError || error instanceof BrokerAwayError) return as(ExitCode.unavailable);
  if (isStoreAway(error)) return as(ExitCode.unavailable, `Postgres is away: ${message}`);
  if (isLoginRefused(error)) return as(ExitCode.unavailable, `Postgres cannot be used: ${message}`);
  if (error instanceof ResultTimeoutError) return as(ExitCode.notYet);
  if (error instanceof SchemaOutdatedError || isNotThere(error)) return as(ExitCode.config, NOT_MIGRATED);
  return error;
}

function isNotThere(error: object): boolean {
  return 'code' in error && NOT_THERE.has(String(error.code));
}
