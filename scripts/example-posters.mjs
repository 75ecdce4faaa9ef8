/** What `npm run example:posters` runs: the example in this process, so that signals reach it. */
import { prepare } from './prepare.mjs';

prepare(['examples/posters']);
await import('../examples/posters/dist/main.js');
