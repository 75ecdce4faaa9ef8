import { defineTask } from '@celeriac/tasks';
import { z } from 'zod';
import { DETAILS, INKS, PLACES } from './draw/mandelbrot.js';

const ONE_HOUR = 3600;

/** What one orders. The same schema checks the form, the call and, once more, the message in the worker. */
export const PosterOrder = z.object({
  title: z.string().trim().min(1, 'Give your poster a title.').max(60, 'A title has 60 characters at most.'),
  place: z.enum(keysOf(PLACES), 'Choose one of the places.'),
  ink: z.enum(keysOf(INKS), 'Choose one of the inks.'),
  detail: z.enum(keysOf(DETAILS), 'Choose one of the details.'),
});

export type PosterOrder = z.output<typeof PosterOrder>;

/** A poster that was drawn. */
export const Poster = z.object({
  title: z.string(),
  /** Base64 of a PNG. It is small; what is not belongs into a store of its own, and its address in here. */
  png: z.base64(),
  /** The time was over before the picture was: the rest of it was only sketched. */
  cutShort: z.boolean(),
});

export type Poster = z.output<typeof Poster>;

/** Draws a poster. The same order within an hour, or while one is being drawn, is the same task. */
export const drawPoster = defineTask({
  name: 'posters.draw',
  queue: 'posters',
  input: PosterOrder,
  output: Poster,
  softTimeLimit: 20,
  timeLimit: 30,
  uniqueFor: ONE_HOUR,
  uniqueStates: ['SUCCESS'],
  retention: 24 * ONE_HOUR,
});

export const PrintOrder = z.object({ posterId: z.uuid() });

export type PrintOrder = z.output<typeof PrintOrder>;

/** The printer has swallowed the sheet. Another try may do. */
export class PaperJamError extends Error {
  override readonly name = 'PaperJamError';
}

/** Has a poster printed: up to ten tries after a paper jam, none after any other error. */
export const printPoster = defineTask({
  name: 'posters.print',
  queue: 'prints',
  input: PrintOrder,
  output: z.object({ sheet: z.number().int() }),
  rateLimit: '60/m',
  autoretryFor: [PaperJamError],
  maxRetries: 10,
  retryBackoff: 2,
  retryBackoffMax: 60,
  retention: 24 * ONE_HOUR,
});

/** Hangs one of the posters on the wall; which one, is its result. */
export const hangPoster = defineTask({
  name: 'posters.hang',
  queue: 'wall',
  input: z.object({}),
  output: z.object({ posterId: z.uuid().nullable() }),
  retention: 60,
});

/** What is drawn when nobody has ordered anything. */
export const POSTER_OF_THE_DAY: PosterOrder = {
  title: 'The poster of the day',
  place: 'spirals',
  ink: 'midnight',
  detail: 'finest',
};

export const contracts = [drawPoster, printPoster, hangPoster];
export const queues = contracts.map(({ queue }) => queue);

function keysOf<Choice extends string>(choices: Record<Choice, unknown>): Choice[] {
  return Object.keys(choices) as Choice[];
}
