/** What `npm run draw:beat` runs: makes the pictures of docs/beat.md, out of what libs/schedule says is due when. */
import { writeFileSync } from 'node:fs';
import { prepare } from './prepare.mjs';

prepare(['docs/pictures']);
const { beatPictures } = await import('../docs/pictures/dist/beat-pictures.js');
for (const [name, { svg }] of beatPictures()) writeFileSync(`docs/images/${name}`, svg);
