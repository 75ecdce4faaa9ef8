import { asSent, mailStates, type PagePlace } from '@celeriac/mail';
import { z } from 'zod';
import { isSearchable, MAX_SEARCHED_LENGTH } from '../mails/searchable.js';

const searched = z
  .string()
  .min(1, 'Give a text to look for.')
  .max(MAX_SEARCHED_LENGTH, `At most ${MAX_SEARCHED_LENGTH} characters.`)
  .refine(isSearchable, 'There are characters in it that no mail can have.');

const moment = z.iso
  .datetime({ offset: true, error: 'Give a time as 2026-01-31T10:00:00Z or 2026-01-31T10:00:00+01:00.' })
  .transform((text) => new Date(text));

/** Said of all that it cannot be. */
const LIMIT = 'Give a whole number from 1 to 100.';

/** The query of the list. A parameter that is not known is refused: one mistyped would let everything through. */
export const mailQuery = z
  .strictObject({
    state: z.enum(mailStates).optional(),
    recipient: searched
      .overwrite(asSent)
      .optional()
      .describe('A part of the address of one of its recipients, in any case.'),
    text: searched.optional().describe('A part of its subject or message, in any case.'),
    since: moment.optional().describe('Accepted then or later.'),
    until: moment.optional().describe('Accepted before.'),
    limit: z.coerce.number(LIMIT).int().min(1).max(100).default(25),
    before: z.uuid().optional().describe('Only what is older than this mail; see next.'),
    after: z.uuid().optional().describe('Only what is newer than this mail; see previous.'),
  })
  .refine(({ before, after }) => before === undefined || after === undefined, {
    path: ['after'],
    error: 'A page is either before or after a mail.',
  });

export type MailQuery = z.output<typeof mailQuery>;

/** @returns the query of the same list at another place */
export function queryText(query: MailQuery, place: PagePlace): string {
  const filter = { ...query, before: undefined, after: undefined, ...place };
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) parameters.set(name, value instanceof Date ? value.toISOString() : String(value));
  }
  return `?${parameters.toString()}`;
}
