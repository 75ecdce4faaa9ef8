/// <reference types="@fastify/view" />
import { expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { fastify } from 'fastify';
import { answerError } from './answer-error.js';

it('has plain words left when even the page of an error cannot be made', async () => {
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const app = fastify();
  // No views are registered.
  app.get('/', async (request, reply) => {
    await answerError(new Error('disk full'), request, reply);
  });
  const response = await fetch(await app.listen({ host: '127.0.0.1', port: 0 }));
  expect([response.status, await response.text()]).toEqual([500, 'Something went wrong. It has been noted.\n']);
  const [first, second] = logged.mock.calls.map(([text]) => String(text));
  expect(first).toContain('disk full');
  expect(second).toContain('reply.view is not a function');
  logged.mockRestore();
  await app.close();
});
