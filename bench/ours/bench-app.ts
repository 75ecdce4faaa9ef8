import {
  defineTask,
  migrate,
  RabbitMqBroker,
  TaskHandler,
  taskEntities,
  taskMigrations,
  TasksModule,
  TaskServer,
  taskTopology,
  TaskWorkerModule,
  type TaskWorkerModuleOptions,
} from '@celeriac/tasks';
import {
  Injectable,
  Module,
  type DynamicModule,
  type INestApplicationContext,
  type INestMicroservice,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import type { Work } from '../program.js';

const QUEUE = 'bench';
const SCHEMA = { entities: taskEntities, migrations: taskMigrations };
const quiet = {
  log: () => undefined,
  warn: (line: string) => console.error(line),
  error: (line: string) => console.error(line),
};

/** How the worker is set up. */
export type WorkerOptions = Omit<TaskWorkerModuleOptions, 'queues'>;

/** The task that nothing is to be done for. */
export const noop = defineTask({ name: 'bench.noop', queue: QUEUE, input: z.object({ text: z.string() }) });

/** With it the task's message has 200 bytes of input, as with all peers. */
export const INPUT = { text: 'x'.repeat(189) };

/** Counts the tasks that ran. */
@Injectable()
export class NoopHandler {
  private count = 0;
  private waiting: { count: number; resolve(): void } | undefined;

  @TaskHandler(noop)
  run(): { ok: boolean } {
    this.count += 1;
    if (this.count === this.waiting?.count) this.waiting.resolve();
    return { ok: true };
  }

  /** Resolves when so many have run. */
  ran(count: number): Promise<void> {
    return new Promise((resolve) => (this.waiting = { count, resolve }));
  }
}

@Module({})
class BenchModule {}

function benchModule({ databaseUrl, brokerUrl }: Work, worker?: WorkerOptions): DynamicModule {
  const broker = new RabbitMqBroker({ urls: [brokerUrl], topology: taskTopology([QUEUE]), log: quiet });
  return {
    module: BenchModule,
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url: databaseUrl, ...SCHEMA }),
      TasksModule.forRoot({ broker, queues: [QUEUE] }),
      ...(worker === undefined ? [] : [TaskWorkerModule.forRoot({ queues: [QUEUE], ...worker })]),
    ],
    providers: worker === undefined ? [] : [NoopHandler],
  };
}

/** Makes the tables. */
export async function prepareDatabase({ databaseUrl: url }: Work): Promise<void> {
  const dataSource = await new DataSource({ type: 'postgres', url, ...SCHEMA }).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
}

/** An app that sends tasks. */
export function startSender(work: Work): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(benchModule(work), { logger: ['error', 'warn'] });
}

/** An app that runs them, once it listens. */
export function createWorker(work: Work, options: WorkerOptions): Promise<INestMicroservice> {
  return NestFactory.createMicroservice<AsyncMicroserviceOptions>(benchModule(work, options), {
    inject: [TaskServer],
    useFactory: (strategy: TaskServer) => ({ strategy }),
    logger: ['error', 'warn'],
  });
}

/** Resolves when the outbox is empty: everything has been confirmed by the broker. */
export async function untilPublished(app: INestApplicationContext): Promise<void> {
  await untilNone(app, 'SELECT FROM outbox LIMIT 1');
}

/** Resolves when every task's end has been committed. */
export async function untilEnded(app: INestApplicationContext): Promise<void> {
  await untilNone(app, `SELECT FROM task WHERE state <> 'SUCCESS' LIMIT 1`);
}

async function untilNone(app: INestApplicationContext, query: string): Promise<void> {
  const dataSource = app.get(DataSource);
  while ((await dataSource.query<unknown[]>(query)).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
