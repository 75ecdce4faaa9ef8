/**
 * What `npm start` runs: everything in this process, so that signals reach it. Options, as `--fresh`, go to the app.
 */
import { prepare } from './prepare.mjs';

prepare(['.']);
await import('../apps/embedded/dist/main.js');
