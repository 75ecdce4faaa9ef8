import { Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isForApi } from './api-requests.js';
import { describeError, type ErrorDescription } from './describe-error.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route answers with to a body that was read, instead of a page that says the error and nothing else. */
    errorPage?: ErrorPage;
  }
}

type ErrorPage = (reply: FastifyReply, error: ErrorDescription) => Promise<void>;

/** What the page of an error is headed with. */
const PAGE_TITLES: Record<number, string> = {
  400: 'That cannot be read',
  403: 'That did not work',
  404: 'Not found',
  409: 'That is not possible now',
  413: 'That is too large',
  414: 'That address is too long',
  429: 'Too many at once',
  503: 'Not available just now',
};

const log = new Logger('Web');

/**
 * Answers an error with a page; under `/api` with problem details (RFC 9457). What went wrong inside is logged, not
 * shown. Never rejects, as Nest waits for no filter: that would end the process.
 */
export async function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  try {
    await sendAnswer(error, request, reply);
  } catch (failure) {
    log.error(stackOf(failure));
    reply.hijack();
    if (!reply.raw.headersSent) reply.raw.writeHead(500, { 'content-type': 'text/plain' });
    reply.raw.end('Something went wrong. It has been noted.\n');
  }
}

async function sendAnswer(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const description = describeError(error);
  if (description.status === 500) log.error(stackOf(error));
  // The head has left already: a stream that broke off. Nothing more can be said to this client.
  if (reply.sent) return;
  const answer = description.status === 404 && request.is404 ? otherMethod(request, reply, description) : description;
  void reply.status(answer.status).header('cache-control', 'no-store');
  if (answer.retryAfterSeconds !== undefined) void reply.header('retry-after', answer.retryAfterSeconds);
  if (isForApi(request)) await sendProblem(reply, answer);
  else await pageFor(request)(reply, answer);
}

/** There may be something at this address, for another method. */
function otherMethod(request: FastifyRequest, reply: FastifyReply, notFound: ErrorDescription): ErrorDescription {
  const methods = request.server.allowedMethods(request.url);
  if (methods.length === 0) return notFound;
  void reply.header('allow', methods.join(', '));
  const detail = `${request.method} is not possible here; ${methods.join(', ')} ${methods.length > 1 ? 'are' : 'is'}.`;
  return { status: 405, title: 'Method Not Allowed', detail };
}

async function sendProblem(reply: FastifyReply, answer: ErrorDescription): Promise<void> {
  const { kind, title, status, detail, problems } = answer;
  const type = kind === undefined ? 'about:blank' : `urn:celeriac:problem:${kind}`;
  await reply.type('application/problem+json').send(JSON.stringify({ type, title, status, detail, errors: problems }));
}

function pageFor({ body, routeOptions }: FastifyRequest): ErrorPage {
  const hasBody = body !== undefined && body !== null;
  return (hasBody ? routeOptions.config.errorPage : undefined) ?? sendPage;
}

async function sendPage(reply: FastifyReply, { status, detail }: ErrorDescription): Promise<void> {
  const title = PAGE_TITLES[status] ?? 'Something went wrong';
  await reply.view('error', { title, statusCode: status, message: detail, active: '' });
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
