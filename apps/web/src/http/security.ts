import fastifyCookie from '@fastify/cookie';
import fastifyCsrf from '@fastify/csrf-protection';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import { ForbiddenException, HttpException, HttpStatus } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { isLoopback, type Configuration } from '@celeriac/config';
import type { FastifyInstance } from 'fastify';
import { guardApiRequests, isForApi, isFromOwnPage, SAFE_METHODS } from './api-requests.js';

/**
 * What every answer and every form has: a strict content policy, CSRF tokens bound to a cookie, and rate limits for
 * the routes that ask for one.
 */
export async function registerSecurity(app: NestFastifyApplication, configuration: Configuration): Promise<void> {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  if (!configuration.TRUST_NETWORK) refuseForeignHosts(fastify);
  guardApiRequests(fastify);
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // The app itself speaks plain HTTP; a proxy in front of it says whether it is to be reached by TLS only.
    strictTransportSecurity: false,
  });
  await app.register(fastifyCookie);
  await app.register(fastifyCsrf, {
    cookieKey: 'celeriac_csrf',
    cookieOpts: { path: '/', httpOnly: true, sameSite: 'lax' },
  });
  await app.register(fastifyRateLimit, {
    global: false,
    max: configuration.RATE_LIMIT_PER_MINUTE,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, { max, ttl }) =>
      new HttpException(tooMany(max, ttl), HttpStatus.TOO_MANY_REQUESTS),
  });
  // All that changes something; the API has a guard of its own, and where nothing is, nothing changes.
  fastify.addHook('preHandler', (request, reply, next) => {
    if (SAFE_METHODS.has(request.method) || isForApi(request) || request.is404 || isFromOwnPage(request)) next();
    else fastify.csrfProtection(request, reply, next);
  });
}

function tooMany(max: number, ttlMs: number): string {
  const seconds = Math.ceil(ttlMs / 1000);
  return (
    `Nothing was sent or changed: at most ${max} a minute are taken from one address. ` +
    `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
  );
}

/**
 * A page of somebody else can have its own name point to this machine (DNS rebinding) and would then be of our origin.
 * Only the names of this machine are answered.
 */
function refuseForeignHosts(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async ({ hostname }) => {
    if (!isLoopback(hostname)) throw new ForbiddenException('This address is not one of ours.');
  });
}
