import { ForbiddenException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** They change nothing. */
export const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a request is for the API, and not for a page. */
export function isForApi({ url }: Pick<FastifyRequest, 'url'>): boolean {
  return /^\/api(?![^/?])/.test(url);
}

/**
 * What changes something through the API must not come from a page of somebody else, and must be JSON. The API knows
 * no tokens, and a page may send anybody a POST without a body, or one that calls itself text.
 */
export function guardApiRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request) => {
    if (!isForApi(request) || SAFE_METHODS.has(request.method)) return;
    if (isFromForeignPage(request)) throw new ForbiddenException('Pages of others may not send this.');
    if (hasBody(request) && !isPlainJson(request)) {
      throw new UnsupportedMediaTypeException('Send JSON, with "content-type: application/json".');
    }
  });
}

/**
 * Whether the browser itself says that a page of ours sent this, which no page can forge. Two tabs that were opened at
 * the same time have tokens for two cookies, of which the browser keeps one.
 */
export function isFromOwnPage({ headers }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] === 'same-origin';
}

/** Browsers say where a request comes from; all say the origin, newer ones also how it relates to us. */
function isFromForeignPage({ headers, host }: FastifyRequest): boolean {
  const relation = headers['sec-fetch-site'];
  if (relation !== undefined) return relation !== 'same-origin' && relation !== 'none';
  const { origin } = headers;
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function isPlainJson({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding'] ?? 'identity';
  return encoding === 'identity' && /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}
