import fastifyCookie from '@fastify/cookie';
import fastifyCsrf from '@fastify/csrf-protection';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/**
 * What every answer and every form has: a strict content policy, CSRF tokens bound to a cookie, and rate limits for
 * the routes that ask for one.
 */
export async function registerSecurity(app: NestFastifyApplication, requestsPerMinute: number): Promise<void> {
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
  await app.register(fastifyRateLimit, { global: false, max: requestsPerMinute, timeWindow: 60_000 });
}
