import { isUtf8 } from 'node:buffer';
import type { Server } from 'node:http';
import { BadRequestException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/** Reads bodies of JSON. What is no UTF-8 is refused: decoded, it would be another text than was sent. */
export function readJsonBodies(app: NestFastifyApplication): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  const bodyLimit = fastify.initialConfig.bodyLimit;
  app.useBodyParser<Server>('application/json', { bodyLimit }, (request, body, done) => {
    if (isUtf8(body)) void parse(request, body.toString(), done);
    else done(new BadRequestException('The body is not in UTF-8.'));
  });
}
