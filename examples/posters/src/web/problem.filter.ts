import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { UnknownTaskError } from '@celeriac/tasks';
import type { FastifyReply } from 'fastify';
import { problemPage } from './pages.js';

/** Answers errors with a page. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('Posters');

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const status = error instanceof UnknownTaskError ? 404 : error instanceof HttpException ? error.getStatus() : 500;
    if (status >= 500) this.log.error(error);
    const text = status === 404 ? 'There is no such poster. They are kept for a day.' : 'This did not work.';
    await reply
      .status(status)
      .header('content-type', 'text/html; charset=utf-8')
      .send(problemPage(`${status}`, text));
  }
}
