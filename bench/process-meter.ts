/**
 * Loaded into a process before its own code (`--import`): at SIGUSR2 it prints how much processor time the process has
 * had, and how many statements it has sent to Postgres.
 */
import { Client } from 'pg';

let queries = 0;
let ownQueries = 0;
const { query } = Client.prototype;

Client.prototype.query = function count(this: Client, ...args: unknown[]): never {
  const [statement] = args;
  const text = typeof statement === 'string' ? statement : ((statement as { text?: string }).text ?? '');
  queries += 1;
  if (text.includes('schedule_')) ownQueries += 1;
  return (query as (...all: unknown[]) => never).apply(this, args);
};

process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage();
  console.log(`Meter: ${JSON.stringify({ cpuMs: (user + system) / 1000, queries, ownQueries })}`);
});
