import { PostgresServer } from '#test/fixtures/postgres-server';
import {
  aptInstall,
  createTestDatabase,
  createTestVhost,
  MissingServiceError,
  provideRabbitMq,
  succeeds,
} from '#test/services/index';
import type { Service } from '../scenario.js';
import { PYTHON } from '../run-program.js';
import { flush, startRedis } from './redis.js';

/** The services of a run of benchmarks. */
export interface Services {
  /** A fresh part of each that is asked for. @returns settings for the program, and how to remove it all */
  fresh(services: readonly Service[]): Promise<{ environment: Record<string, string>; drop(): Promise<void> }>;
  stop(): Promise<void>;
}

/** Debian's packages of Celery, and of what it keeps results in Postgres with; their modules. */
const CELERY = { celery: 'python3-celery', sqlalchemy: 'python3-sqlalchemy', psycopg2: 'python3-psycopg2' };

type Ending = () => Promise<void>;

/**
 * Starts what is asked for: Postgres as users have it (what is committed is on the disk), unless DATABASE_URL names
 * another; RabbitMQ; Redis.
 */
export async function startServices(wanted: ReadonlySet<Service>): Promise<Services> {
  const endings: Ending[] = [];
  const postgresUrl = wanted.has('postgres') ? await startPostgres(endings) : '';
  if (wanted.has('rabbitmq')) endings.push(await provideRabbitMq());
  if (wanted.has('celery')) await installCelery();
  const redis = wanted.has('redis') ? await startRedis() : undefined;
  if (redis !== undefined) endings.push(() => redis.stop());
  return {
    fresh: async (services) => {
      const environment: Record<string, string> = {};
      const drops: Ending[] = [];
      if (services.includes('postgres')) {
        const database = await createTestDatabase(postgresUrl);
        environment['DATABASE_URL'] = database.url;
        drops.push(() => database.drop());
      }
      if (services.includes('rabbitmq')) {
        const vhost = await createTestVhost();
        environment['BROKER_URL'] = vhost.brokerUrl;
        drops.push(() => vhost.drop());
      }
      if (services.includes('redis') && redis !== undefined) {
        await flush(redis.url);
        environment['REDIS_URL'] = redis.url;
      }
      return { environment, drop: () => inTurn(drops) };
    },
    stop: () => inTurn(endings),
  };
}

async function installCelery(): Promise<void> {
  for (const [module, name] of Object.entries(CELERY)) {
    if (await succeeds(PYTHON, ['-c', `import ${module}`])) continue;
    if (!(await aptInstall(name))) throw new MissingServiceError(name, [`Debian, Ubuntu: apt install ${name}`]);
  }
}

async function startPostgres(endings: Ending[]): Promise<string> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') return given;
  const server = await PostgresServer.start({ isDurable: true });
  endings.push(() => server.destroy());
  return server.url;
}

async function inTurn(endings: readonly Ending[]): Promise<void> {
  for (const end of endings.toReversed()) await end();
}
