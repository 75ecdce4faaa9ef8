const DEFAULT_NAME = 'celery';

/**
 * Fills in a worker's node name as Celery does: `%h` is the host, `%n` the host without its domain, `%d` the domain.
 *
 * @param given - a name without `@` is the host's part
 * @param hostname - of this machine
 */
export function nodeName(given: string, hostname: string): string {
  const dot = hostname.indexOf('.');
  const [short, domain] = dot === -1 ? [hostname, ''] : [hostname.slice(0, dot), hostname.slice(dot + 1)];
  const parts: Record<string, string> = { '%h': hostname, '%n': short, '%d': domain, '%%': '%' };
  const filled = given.replace(/%[hnd%]/g, (part) => parts[part] as string);
  return filled.includes('@') ? filled : `${DEFAULT_NAME}@${filled}`;
}
