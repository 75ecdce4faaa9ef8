/** What `npm run draw:routing` runs: makes the pictures of docs/routing.md, out of the examples that the tests use. */
import { writeFileSync } from 'node:fs';
import { prepare } from './prepare.mjs';

prepare(['docs/pictures']);
const { routingPictures } = await import('../docs/pictures/dist/routing-pictures.js');
for (const [name, { svg }] of routingPictures()) writeFileSync(`docs/images/${name}`, svg);
