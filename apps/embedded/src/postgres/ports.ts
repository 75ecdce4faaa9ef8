import { createServer } from 'node:net';
import { EmbeddedPostgresPortError } from './errors.js';

/** The only address the server listens on. */
export const LOOPBACK = '127.0.0.1';

/**
 * Chooses the TCP port of the server.
 *
 * @param asked The port the caller insists on, if any.
 * @param previous The port of the last run, taken again when it is free.
 * @throws EmbeddedPostgresPortError when the asked port is in use.
 */
export async function choosePort(asked: number | undefined, previous: number | undefined): Promise<number> {
  if (asked !== undefined) {
    if (await listenOnce(asked)) return asked;
    throw new EmbeddedPostgresPortError(asked);
  }
  const port = (previous && (await listenOnce(previous))) || (await listenOnce(0));
  if (port) return port;
  throw new Error(`No TCP port on ${LOOPBACK} can be listened on; check that the loopback interface is up.`);
}

/** Listens for a moment: the port that could be had (any for 0), or undefined when it is taken. */
function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
