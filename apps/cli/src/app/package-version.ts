import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @returns the version of a package as it is installed here; null when it is not. Its exports need not name its package.json */
export function packageVersion(name: string): string | null {
  try {
    return versionAbove(dirname(fileURLToPath(import.meta.resolve(name))), name);
  } catch {
    return null;
  }
}

function versionAbove(folder: string, name: string): string | null {
  const path = join(folder, 'package.json');
  const found = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string })
    : undefined;
  if (found?.name === name) return found.version ?? null;
  const parent = dirname(folder);
  return parent === folder ? null : versionAbove(parent, name);
}
