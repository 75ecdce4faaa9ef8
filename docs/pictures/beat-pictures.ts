import { clockChangePicture } from './clock-change-picture.js';
import { missedPicture } from './missed-picture.js';
import { periodicPicture } from './periodic-picture.js';
import type { Picture } from './svg.js';
import { tickPicture } from './tick-picture.js';

/** @returns the pictures of docs/beat.md, by their file names in docs/images */
export function beatPictures(): Map<string, Picture> {
  return new Map([
    ['beat-periodic.svg', periodicPicture()],
    ['beat-tick.svg', tickPicture()],
    ['beat-missed.svg', missedPicture()],
    ['beat-clock-change.svg', clockChangePicture()],
  ]);
}
