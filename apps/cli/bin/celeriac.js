#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('celeriac is not built: npm run build\n');
  process.exit(70);
}
const { runCommandLine } = await import(main.href);
await runCommandLine();
