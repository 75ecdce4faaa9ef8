import { createServer } from 'node:http';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import type { Stoppable } from './run-process.js';

/** What a process tells of itself. */
export interface Health {
  /** Why it does not do its work, in one line; null while it does. */
  trouble: () => string | null;
  /** Gets what Node tells of the process (CPU, memory, event loop) besides what is in it. */
  metrics: Registry;
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

/**
 * Serves a process's health on loopback: `/livez` (it runs), `/readyz` (it does its work), `/metrics` (in Prometheus's
 * text format).
 *
 * @param port - 0: not at all
 * @returns what ends it
 */
export async function serveHealth(port: number, health: Health): Promise<Stoppable> {
  const server = createServer(async ({ url }, response) => {
    const { status, type, body } = await answerTo(url, health).catch(brokenAnswer);
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  if (port !== 0) {
    collectDefaultMetrics({ register: health.metrics });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  }
  return { close: async () => void server.close() };
}

async function answerTo(path: string | undefined, { trouble, metrics }: Health): Promise<Answer> {
  switch (path) {
    case '/livez':
      return statusAnswer(200);
    case '/readyz': {
      const reason = trouble();
      return reason === null ? statusAnswer(200) : statusAnswer(503, reason);
    }
    case '/metrics':
      return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
    default:
      return statusAnswer(404, 'There are /livez, /readyz and /metrics.');
  }
}

/** A metric that cannot be collected is no reason to die. */
function brokenAnswer(error: unknown): Answer {
  return statusAnswer(500, String(error));
}

function statusAnswer(status: number, reason?: string): Answer {
  const body = { status: status === 200 ? 'ok' : 'error', reason };
  return { status, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}
