/** What `npm run bench:form` runs: one benchmark of `bench/`, by name. */
import { prepare } from './prepare.mjs';

prepare(['.', 'bench']);
await import(`../bench/dist/${process.argv[2]}.js`);
