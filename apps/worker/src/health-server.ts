import { createServer, type Server } from 'node:http';

/** Serves the worker's health on loopback: `/livez` (the process), `/readyz` (it runs the tasks that come). */
export async function serveHealth(port: number, isReady: () => boolean): Promise<Server> {
  const server = createServer((request, response) => {
    const isFine = request.url === '/livez' || (request.url === '/readyz' && isReady());
    const status = isFine ? 200 : request.url === '/readyz' ? 503 : 404;
    response.writeHead(status, { 'content-type': 'application/json' }).end(`{"status":"${isFine ? 'ok' : 'error'}"}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
}
