import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Gauge, Registry } from 'prom-client';
import { serveHealth } from './health-server.js';
import type { Stoppable } from './run-process.js';

describe('the health server', () => {
  let trouble: string | null;
  let metrics: Registry;
  let port: number;
  let server: Stoppable;

  beforeEach(async () => {
    trouble = null;
    metrics = new Registry();
    port = await freePort();
    server = await serveHealth(port, { trouble: () => trouble, metrics });
  });

  afterEach(() => server.close());

  async function ask(path: string): Promise<{ status: number; body: string }> {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, body: await answer.text() };
  }

  it('is ready while there is no trouble, and says what trouble there is', async () => {
    expect(await ask('/readyz')).toEqual({ status: 200, body: '{"status":"ok"}\n' });
    trouble = 'RabbitMQ is away.';
    expect(await ask('/readyz')).toEqual({ status: 503, body: '{"status":"error","reason":"RabbitMQ is away."}\n' });
    expect(await ask('/livez')).toEqual({ status: 200, body: '{"status":"ok"}\n' });
  });

  it("has the process's metrics besides those it is given", async () => {
    new Gauge({ name: 'answers', help: 'How many.', registers: [metrics] }).set(42);
    const { body } = await ask('/metrics');
    expect(body).toMatch(/^answers 42$/m);
    expect(body).toMatch(/^process_cpu_seconds_total /m);
  });

  it('outlives a metric that cannot be collected', async () => {
    const collect = (): never => {
      throw new Error('there is none');
    };
    metrics.registerMetric(new Gauge({ name: 'broken', help: 'None.', registers: [], collect }));
    expect(await ask('/metrics')).toEqual({
      status: 500,
      body: '{"status":"error","reason":"Error: there is none"}\n',
    });
    expect((await ask('/livez')).status).toBe(200);
  });

  it('says what there is', async () => {
    expect(await ask('/health')).toMatchObject({ status: 404, body: expect.stringContaining('/livez, /readyz') });
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
