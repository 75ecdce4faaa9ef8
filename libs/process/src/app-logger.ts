import { isatty } from 'node:tty';
import { ConsoleLogger } from '@nestjs/common';

const STDOUT = 1;

/** What Nest says of its own wiring at each start. */
const WIRING = new Set([
  'InstanceLoader',
  'RouterExplorer',
  'RoutesResolver',
  'NestFactory',
  'NestApplication',
  'NestMicroservice',
]);
/** It warns of two data sources in one process; each belongs to an app with a container of its own. */
const NOISE = new Set(['DataSourceNameRegistry']);

/** They log what they throw as well: `runProcess` says it. */
const THROWERS = new Set(['ExceptionHandler', 'NestApplication']);

/** Nest's console logger without what says nothing to who runs the app. */
export class AppLogger extends ConsoleLogger {
  constructor() {
    super({
      logLevels: ['log', 'warn', 'error', 'fatal'],
      colors: isatty(STDOUT) && process.env['NO_COLOR'] === undefined,
    });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (!WIRING.has(contextOf(rest))) super.log(message, ...rest);
  }

  override warn(message: unknown, ...rest: unknown[]): void {
    if (!NOISE.has(contextOf(rest))) super.warn(message, ...rest);
  }

  override error(message: unknown, ...rest: unknown[]): void {
    const context = contextOf(rest);
    // It tries again, and where it does says nothing.
    if (context === 'TypeOrmModule') super.error(message, undefined, context);
    else if (!THROWERS.has(context)) super.error(message, ...rest);
  }
}

function contextOf(rest: unknown[]): string {
  return String(rest.at(-1));
}
