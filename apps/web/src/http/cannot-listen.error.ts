const REASONS: Record<string, string> = {
  EADDRINUSE: 'another program has it. End that one, or set WEB_PORT to another port',
  EACCES: 'that takes more rights. Set WEB_PORT to a port above 1023',
  EADDRNOTAVAIL: 'it is no address of this machine. Set WEB_HOST to one, such as 127.0.0.1',
  ENOTFOUND: 'it is no address of this machine. Set WEB_HOST to one, such as 127.0.0.1',
};

/** The web app cannot have its port. */
export class CannotListenError extends Error {
  override readonly name = 'CannotListenError';

  constructor(
    readonly host: string,
    readonly port: number,
    override readonly cause: unknown,
  ) {
    super(`The web app cannot listen on port ${port} of ${host}: ${reasonOf(cause)}.`);
  }
}

function reasonOf(error: unknown): string {
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  return REASONS[code] ?? message;
}
