/** What the system says of a server that cannot be reached. */
const AWAY = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
/** SQLSTATE: a login, a password or a database that Postgres does not know. */
const REFUSED = /^(28...|3D000)$/;

/**
 * Why a process could not start, in a line: what, and what to do. A process reaches its database when it starts, and
 * waits for everything else.
 *
 * @returns undefined for an error that its user cannot mend
 */
export function startProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? String(error.code) : '';
  // Of a name with several addresses there is an error for each.
  const message = error instanceof AggregateError ? messageOf(error.errors[0]) : error.message;
  if (AWAY.test(code)) return `The database cannot be reached: ${message}. Is it running? Its address is DATABASE_URL.`;
  if (REFUSED.test(code)) return `The database refuses us: ${message}. Check DATABASE_URL.`;
  if (code === 'EADDRINUSE') return `A port is taken by another program: ${message}.`;
  const isOurs = error.name !== 'Error' && error.name !== 'TypeError';
  return isOurs ? `${error.name}: ${message}` : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
