import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import type { Configuration } from '@celeriac/config';
import { AppLogger, serveHealth, type Stoppable } from '@celeriac/process';
import { Beat } from '@celeriac/schedule';
import { assertMigrated, TaskServer, type Broker } from '@celeriac/tasks';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { WorkerModule } from './worker.module.js';

/**
 * Starts the worker. Resolves when it consumes, or will as soon as the broker is there.
 *
 * @param metrics - where those of beat are registered, if it is inside
 */
export async function startWorker(
  configuration: Configuration,
  broker: Broker,
  metrics?: Registry,
): Promise<INestMicroservice> {
  const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(
    WorkerModule.forRoot(configuration, broker, metrics),
    {
      inject: [TaskServer],
      useFactory: (strategy: TaskServer) => ({ strategy }),
      abortOnError: false,
      logger: new AppLogger(),
    },
  );
  await assertMigrated(app.get(DataSource));
  await app.listen();
  return app;
}

/** Starts the worker as a process of its own has it: with its health server, and an end when it is broken. */
export async function startWorkerProcess(configuration: Configuration, broker: Broker): Promise<Stoppable> {
  const metrics = new Registry();
  const app = await startWorker(configuration, broker, metrics);
  const server = app.get(TaskServer);
  const beat = configuration.BEAT_INSIDE.includes('worker') ? app.get(Beat) : undefined;
  const health = await serveHealth(configuration.WORKER_HEALTH_PORT, {
    trouble: () => server.trouble ?? beat?.trouble ?? null,
    metrics,
  });
  return {
    broken: server.broken,
    hurry: () => server.hurry(),
    close: async () => {
      await health.close();
      await app.close();
    },
  };
}
