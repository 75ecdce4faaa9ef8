import { existsSync } from 'node:fs';

/**
 * Reads `.env` in the current folder into the environment, if there is one. What is set already wins.
 *
 * @throws Error when the file is there and cannot be read
 */
export function loadEnvironmentFile(path = '.env'): void {
  if (existsSync(path)) process.loadEnvFile(path);
}
