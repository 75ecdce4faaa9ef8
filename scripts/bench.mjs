/** What `npm run bench` and `npm run bench:form` run: one program of `bench/`, by name. */
import { installFolder, prepare } from './prepare.mjs';

prepare(['.', 'bench']);
const [name] = process.argv.splice(2, 1);
if (name === 'main') installFolder('bench/peers');
await import(`../bench/dist/${name}.js`);
