/** What was given is no place in the list of all tasks. */
export class InvalidTaskPlaceError extends Error {
  override readonly name = 'InvalidTaskPlaceError';

  constructor(readonly given: string) {
    super(`"${given}" is no place in the list of tasks: expected the \`older\` of a page, <time>/<task's id>.`);
  }
}

/** A place in the list of all tasks: those that were sent before a task. Times can be the same, so the id counts too. */
export interface TaskPlace {
  /** ISO 8601, to the microsecond where it comes from Postgres. */
  createdAt: string;
  id: string;
}

/** Before the newest. */
const START: TaskPlace = { createdAt: 'infinity', id: '' };

/** @throws {@link InvalidTaskPlaceError} */
export function readTaskPlace(place: string | null): TaskPlace {
  if (place === null) return START;
  const [, createdAt, id] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z)\/([^\0]+)$/.exec(place) ?? [];
  if (createdAt === undefined || id === undefined || Number.isNaN(Date.parse(createdAt))) {
    throw new InvalidTaskPlaceError(place);
  }
  return { createdAt, id };
}
