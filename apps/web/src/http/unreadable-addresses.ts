import type { IncomingMessage } from 'node:http';
import { BadRequestException, HttpException, HttpStatus } from '@nestjs/common';
import { errorCodes, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { isForApi } from './api-requests.js';

/** Of the requests whose addresses are of this kind. */
const problems = new WeakMap<IncomingMessage, HttpException>();

const NOT_DECODABLE = 'This address cannot be read. Check the link that you followed.';
const TOO_LONG = 'No address here is that long. Check the link that you followed.';

/**
 * Fastify's `frameworkErrors`: an address that the router cannot read goes through it once more, as an address where
 * nothing is. So its answer has all that hooks and plugins do for the others: headers, the check of the host, pages.
 */
export function routeUnreadable(problem: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { raw, server } = request;
  problems.set(
    raw,
    isTooLong(problem) ? new HttpException(TOO_LONG, HttpStatus.URI_TOO_LONG) : new BadRequestException(NOT_DECODABLE),
  );
  raw.url = isForApi(request) ? '/api/-' : '/-';
  server.routing(raw, reply.raw);
}

/** Answers the addresses that {@link routeUnreadable} has sent on. To be called after all other hooks are added. */
export function refuseUnreadable(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async ({ raw }) => {
    const problem = problems.get(raw);
    if (problem !== undefined) throw problem;
  });
}

function isTooLong(problem: unknown): boolean {
  return problem instanceof errorCodes.FST_ERR_MAX_PARAM_LENGTH;
}
