import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Configuration } from '@celeriac/config';
import { AppLogger } from '@celeriac/process';
import { assertMigrated, type Broker } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { serveApiDocument } from './api/api-document.js';
import { CannotListenError } from './http/cannot-listen.error.js';
import { noteMethods } from './http/allowed-methods.js';
import { closeGracefully } from './http/graceful-close.js';
import { readJsonBodies } from './http/json-bodies.js';
import { registerSecurity } from './http/security.js';
import { refuseUnreadable, routeUnreadable } from './http/unreadable-addresses.js';
import { registerViews } from './http/views.js';
import { WebModule } from './web.module.js';

/** The largest form; a message of 50,000 characters takes up to twelve bytes for each of them. */
const BODY_LIMIT_BYTES = 1024 * 1024;

/** Starts the web app. Resolves when it answers. */
export async function startWeb(configuration: Configuration, broker: Broker): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    WebModule.forRoot(configuration, broker),
    new FastifyAdapter({
      bodyLimit: BODY_LIMIT_BYTES,
      frameworkErrors: routeUnreadable,
      // The tutorial's address is /sendmail/, and Nest cuts the slash off.
      routerOptions: { ignoreTrailingSlash: true },
    }),
    { abortOnError: false, logger: new AppLogger() },
  );
  await assertMigrated(app.get(DataSource));
  closeGracefully(app);
  readJsonBodies(app);
  noteMethods(app.getHttpAdapter().getInstance());
  await registerSecurity(app, configuration);
  await registerViews(app);
  refuseUnreadable(app.getHttpAdapter().getInstance());
  serveApiDocument(app);
  await listen(app, configuration);
  return app;
}

async function listen(app: NestFastifyApplication, { WEB_HOST: host, WEB_PORT: port }: Configuration): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw new CannotListenError(host, port, error);
  }
}
