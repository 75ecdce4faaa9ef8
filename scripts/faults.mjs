/** What `npm run faults` runs: the soak of test/soak. */
import { prepare } from './prepare.mjs';

prepare(['.', 'test']);
await import('../test/dist/soak/main.js');
