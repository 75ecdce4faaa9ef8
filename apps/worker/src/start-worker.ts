import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import type { Configuration } from '@celeriac/config';
import { AppLogger } from '@celeriac/process';
import { assertMigrated, TaskServer, type Broker } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { WorkerModule } from './worker.module.js';

/** Starts the worker. Resolves when it consumes, or will as soon as the broker is there. */
export async function startWorker(configuration: Configuration, broker: Broker): Promise<INestMicroservice> {
  const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(
    WorkerModule.forRoot(configuration, broker),
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
