import type { FastifyInstance } from 'fastify';

/** The methods of each address; in the addresses, `[^/]+` stands for a parameter. */
const routes = new Map<string, Set<string>>();

/** Notes the methods of all routes that are registered from now on. */
export function noteMethods(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const pattern = url.replace(/:[^/]+/g, '[^/]+');
    routes.set(pattern, new Set([...(routes.get(pattern) ?? []), ...[method].flat()]));
  });
}

/** @returns the methods that an address knows, in alphabetic order; none when there is nothing */
export function allowedMethods(url: string): string[] {
  const path = url.replace(/\?.*$/s, '').replace(/(?<=.)\/$/, '');
  const found = [...routes].filter(([pattern]) => new RegExp(`^${pattern}/?$`).test(path));
  return [...new Set(found.flatMap(([, methods]) => [...methods]))].toSorted();
}
