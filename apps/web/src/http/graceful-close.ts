import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/** For open event streams, and clients that do not go on. */
const PATIENCE_MS = 2000;

/**
 * Has a stop wait until the requests that were taken are answered: a form that is stored but not answered would be
 * sent again. Connections on which that takes too long are cut.
 */
export function closeGracefully(app: NestFastifyApplication): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.addHook('preClose', (done) => {
    setTimeout(() => fastify.server.closeAllConnections(), PATIENCE_MS).unref();
    done();
  });
}
