import { createServer, type Server } from 'node:http';

const LIVE: Answer = { status: 200, body: { status: 'ok' } };
const UNKNOWN: Answer = { status: 404, body: { status: 'error', reason: 'There are /livez and /readyz.' } };

interface Answer {
  status: number;
  body: { status: 'ok' | 'error'; reason?: string };
}

/**
 * Serves the worker's health on loopback: `/livez` (the process), `/readyz` (it runs the tasks that come).
 *
 * @param troubleNow - why it does not run them, in one line; null while it does
 */
export async function serveHealth(port: number, troubleNow: () => string | null): Promise<Server> {
  const server = createServer((request, response) => {
    const { status, body } = answerTo(request.url, troubleNow);
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function answerTo(path: string | undefined, troubleNow: () => string | null): Answer {
  if (path === '/livez') return LIVE;
  if (path !== '/readyz') return UNKNOWN;
  const reason = troubleNow();
  return reason === null ? LIVE : { status: 503, body: { status: 'error', reason } };
}
