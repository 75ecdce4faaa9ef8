import { routingExamples } from '@celeriac/tasks/testing';
import { acknowledgementPicture } from './acknowledgement-picture.js';
import { exchangePicture } from './exchange-picture.js';
import type { Picture } from './svg.js';

/** @returns the pictures of docs/routing.md, by their file names in docs/images */
export function routingPictures(): Map<string, Picture> {
  return new Map([
    ...routingExamples.map((example): [string, Picture] => [`routing-${example.name}.svg`, exchangePicture(example)]),
    ['routing-acknowledgements.svg', acknowledgementPicture()],
  ]);
}
