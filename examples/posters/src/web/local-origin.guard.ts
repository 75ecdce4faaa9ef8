import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

const LOCAL_NAMES = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/**
 * Lets in only what this app's own pages ask for. It has no users and no cookies, so nothing can be stolen; but a page
 * of somebody else could have forms sent here from the visitor's browser. Browsers say in `Origin` whose page sent a
 * form (CSRF). And a page could have its own name point to this machine (DNS rebinding): only this machine's names are
 * answered.
 */
@Injectable()
export class LocalOriginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers, hostname } = context.switchToHttp().getRequest<FastifyRequest>();
    const isOwnPage = headers.origin === undefined || headers.origin === `http://${headers.host}`;
    if (isOwnPage && LOCAL_NAMES.has(hostname)) return true;
    throw new ForbiddenException('This came from a page of somebody else.');
  }
}
