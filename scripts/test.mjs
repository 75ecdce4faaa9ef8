/** What `npm test` runs: jest with its arguments, after all is installed and built that the tests need. */
import { spawn } from 'node:child_process';
import { prepare } from './prepare.mjs';

prepare(['.', 'test']);
const jest = spawn(
  process.execPath,
  ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  },
);
// Jest gets a terminal's Ctrl-C itself, and ends its services; this process waits for that.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => jest.kill('SIGTERM'));
jest.on('exit', (code) => process.exit(code ?? 1));
