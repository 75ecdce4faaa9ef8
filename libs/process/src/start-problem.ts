/** What the system says of a server that cannot be reached. */
const AWAY = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
/** SQLSTATE: invalid authorization, and a database that is not there. */
const REFUSED = /^(28...|3D000)$/;

/**
 * Why a process could not start, in a line: what, and what to do. A process reaches its database when it starts, and
 * waits for everything else.
 *
 * @returns undefined for an error that its user cannot mend
 */
export function startProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  // Of a name with several addresses there is an error for each.
  const message = error instanceof AggregateError ? messageOf(error.errors[0]) : error.message;
  if (AWAY.test(code)) return `The database cannot be reached: ${message}. Is it running? Its address is DATABASE_URL.`;
  if (isLoginRefused(error)) return `The database refuses us: ${message}. Check DATABASE_URL.`;
  if (code === 'EADDRINUSE') return `A port is taken by another program: ${message}.`;
  const isOurs = error.name !== 'Error' && error.name !== 'TypeError';
  return isOurs ? `${error.name}: ${message}` : undefined;
}

/** Whether Postgres does not know the login, the password or the database. */
export function isLoginRefused(error: unknown): boolean {
  return error instanceof Error && REFUSED.test(codeOf(error));
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
