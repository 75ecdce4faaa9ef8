import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Lets a form through only with the token of a page that this browser got from us. */
@Injectable()
export class CsrfGuard implements CanActivate {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const fastify = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    // Its type leaves out what it calls back with: the reason why not, if there is one.
    const error = await new Promise<Error | undefined>((resolve) =>
      fastify.csrfProtection(request, reply, resolve as () => void),
    );
    if (error !== undefined) {
      throw new ForbiddenException('This form is out of date. Go back, reload the page and send it again.');
    }
    return true;
  }
}
