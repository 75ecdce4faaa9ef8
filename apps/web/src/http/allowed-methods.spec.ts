import { expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { noteMethods } from './allowed-methods.js';

async function appWith(...routes: Array<[method: string, url: string]>): Promise<FastifyInstance> {
  const app = fastify();
  noteMethods(app);
  for (const [method, url] of routes) app.route({ method, url, handler: () => '' });
  await app.ready();
  return app;
}

it('knows the methods of each address of its app, and nothing of another app', async () => {
  const one = await appWith(['GET', '/mails/:id'], ['POST', '/mails/:id'], ['POST', '/sendmail/'], ['GET', '/']);
  const other = await appWith(['DELETE', '/mails/:id'], ['PUT', '/other']);
  expect(one.allowedMethods('/mails/1?a=/b')).toEqual(['GET', 'HEAD', 'POST']);
  expect(one.allowedMethods('/mails/1/')).toEqual(['GET', 'HEAD', 'POST']);
  expect(one.allowedMethods('/sendmail')).toEqual(['POST']);
  expect(one.allowedMethods('/')).toEqual(['GET', 'HEAD']);
  expect(one.allowedMethods('/mails/1/2')).toEqual([]);
  expect(one.allowedMethods('/other')).toEqual([]);
  expect(other.allowedMethods('/mails/1')).toEqual(['DELETE']);
});
