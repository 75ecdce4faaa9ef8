import type { Configuration } from '@celeriac/config';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { registerSecurity } from './security.js';

@Controller()
class AnyController {
  @All('/page')
  change(): string {
    return 'changed';
  }
}

describe('registerSecurity', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ controllers: [AnyController] }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    const configuration: Partial<Configuration> = { TRUST_NETWORK: true, RATE_LIMIT_PER_MINUTE: 100 };
    await registerSecurity(app, configuration as Configuration);
    await app.listen(0, '127.0.0.1');
  });

  afterAll(() => app.close());

  const statusOf = async (method: string, path: string): Promise<number> =>
    (await fetch((await app.getUrl()) + path, { method })).status;

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('lets no %s of a page in without its token', async (method) => {
    expect(await statusOf(method, '/page')).toBe(403);
  });

  it('lets what changes nothing in', async () => {
    expect(await statusOf('GET', '/page')).toBe(200);
  });

  it('does not ask for a token where nothing is', async () => {
    expect(await statusOf('POST', '/nothing')).toBe(404);
  });
});
