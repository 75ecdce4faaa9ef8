import { release, type as systemName } from 'node:os';
import { inspect } from 'node:util';
import { DEFAULT_TASK_OPTIONS, type TaskContract } from '@celeriac/tasks';
import type { OpenApp } from './open-app.js';
import { packageVersion } from './package-version.js';

/** Packages on which much depends. */
const PACKAGES = ['@celeriac/tasks', '@nestjs/core', '@nestjs/typeorm', 'typeorm', 'pg', 'amqplib'];

/** What a bug report should say: versions and settings, and no addresses or logins. It wants the broker to have been waited for. */
export async function gatherReport(app: OpenApp): Promise<Record<string, unknown>> {
  const { queues, annotations = {}, taskRoutes, store } = app.options;
  return {
    system: `${systemName()} ${release()} ${process.arch}`,
    node: process.versions.node,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, packageVersion(name)])),
    broker: app.broker.product ?? 'away',
    store: store === undefined ? await postgresFacts(app) : store.constructor.name,
    queues: queues.map((queue) => (typeof queue === 'string' ? queue : inLine(queue))),
    tasks: Object.fromEntries([...app.contracts].map(([name, contract]) => [name, optionsOf(contract)])),
    annotations,
    routes: taskRoutes === undefined ? 'none' : inLine(taskRoutes),
  };
}

/** Routes may have regular expressions and functions, which JSON has not. */
function inLine(value: unknown): string {
  return inspect(value, { depth: 5, breakLength: Infinity });
}

async function postgresFacts({ dataSource }: OpenApp): Promise<string> {
  const [row] = await dataSource.query<Array<{ version: string }>>(
    `SELECT current_setting('server_version') AS version`,
  );
  const isPending = await dataSource.showMigrations();
  return `PostgreSQL ${row?.version}${isPending ? ', not migrated' : ''}`;
}

/** Where it goes, and what it has other than by default. */
function optionsOf({ queue, ...contract }: TaskContract): Record<string, unknown> {
  const options = Object.entries(DEFAULT_TASK_OPTIONS).map(([option, standard]) => {
    const own = contract[option as keyof typeof DEFAULT_TASK_OPTIONS];
    return [option, JSON.stringify(own) === JSON.stringify(standard) ? undefined : own];
  });
  return { queue, ...Object.fromEntries(options.filter(([, own]) => own !== undefined)) };
}
