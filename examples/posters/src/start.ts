import { Logger, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import fastifyHelmet from '@fastify/helmet';
import { AppLogger } from '@celeriac/process';
import { RabbitMqBroker, TaskServer, taskTopology, type Broker } from '@celeriac/tasks';
import { queues } from './posters.tasks.js';
import { WebModule } from './web.module.js';
import { WorkerModule } from './worker.module.js';

/** What a process reaches RabbitMQ with. It connects at once, and again whenever it has to. */
export function rabbitMq(url: string): RabbitMqBroker {
  return new RabbitMqBroker({ urls: [url], topology: taskTopology(queues), log: new Logger('RabbitMQ') });
}

/** Starts the pages, for this machine alone. Resolves when they answer. */
export async function startWeb(databaseUrl: string, broker: Broker, port: number): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    WebModule.forRoot(databaseUrl, broker),
    new FastifyAdapter(),
    { abortOnError: false, logger: new AppLogger() },
  );
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // With no referrer at all, browsers do not say either whose page sent a form.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: false,
  });
  await app.listen(port, '127.0.0.1');
  new Logger('Posters').log(`Listening on ${await app.getUrl()}`);
  return app;
}

/** Starts the worker. Resolves when it consumes, or will as soon as the broker is there. */
export async function startWorker(databaseUrl: string, broker: Broker): Promise<INestMicroservice> {
  const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(
    WorkerModule.forRoot(databaseUrl, broker),
    {
      inject: [TaskServer],
      useFactory: (strategy: TaskServer) => ({ strategy }),
      abortOnError: false,
      logger: new AppLogger(),
    },
  );
  await app.listen();
  return app;
}
