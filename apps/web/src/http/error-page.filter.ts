import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { isStoreAway } from '@celeriac/tasks';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** In how many seconds a client may try again when the database is away. */
export const RETRY_AFTER_SECONDS = 5;

const TITLES: Record<number, string> = {
  403: 'That did not work',
  404: 'Not found',
  413: 'That is too large',
  429: 'Too many at once',
  503: 'Not available just now',
};

/** Every error as a page; under `/api/` as JSON. What went wrong inside is logged, not shown. */
@Catch()
export class ErrorPageFilter implements ExceptionFilter {
  private readonly log = new Logger('Web');

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { statusCode, message } = this.describe(error);
    // The head has left already: a stream that broke off. Nothing more can be said to this client.
    if (reply.sent) return;
    void reply.status(statusCode).header('cache-control', 'no-store');
    if (statusCode === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
    if (request.url.startsWith('/api/')) {
      await reply.send({ statusCode, message });
      return;
    }
    const title = TITLES[statusCode] ?? 'Something went wrong';
    await reply.view('error', { title, statusCode, message, active: '' });
  }

  private describe(error: unknown): { statusCode: number; message: string } {
    if (isStoreAway(error)) {
      return { statusCode: 503, message: 'The database cannot be reached. Please try again in a few seconds.' };
    }
    if (isCsrfError(error)) {
      return { statusCode: 403, message: 'This form is out of date. Go back, reload the page and send it again.' };
    }
    const statusCode = statusOf(error);
    if (statusCode >= 500) this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    if (statusCode >= 500 || !(error instanceof Error)) {
      return { statusCode, message: 'This is our fault, and it has been noted. Please try again in a while.' };
    }
    return { statusCode, message: statusCode === 404 ? 'There is nothing here.' : error.message };
  }
}

/** By its words: Nest keeps the status and the message of Fastify's errors, and drops their code. */
function isCsrfError(error: unknown): boolean {
  return error instanceof Error && /csrf (secret|token)/i.test(error.message);
}

/** Nest's exceptions know their status; so do Fastify's errors (too large, too many). */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const given = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof given === 'number' && given >= 400 && given < 600 ? given : 500;
}
