import { asSent, mailStates, type MailFilter, type MailState } from '@celeriac/mail';
import { isTimeZone } from '@celeriac/schedule';
import { stateLabel } from './state-words.js';
import { momentOf } from './local-time.js';
import { isSearchable, MAX_SEARCHED_LENGTH } from './searchable.js';

/** What was typed into the filter of the history, as it was typed. */
export interface FilterValues {
  state: string;
  recipient: string;
  text: string;
  since: string;
  until: string;
  /** The time zone of `since` and `until`. */
  zone: string;
}

const FIELDS = ['state', 'recipient', 'text', 'since', 'until', 'zone'] as const;
const MINUTE_MS = 60_000;

/** The filter's fields out of the query. What cannot be a value counts as empty; see {@link leftOut}. */
export function filterValues(query: unknown): FilterValues {
  const given = typeof query === 'object' && query !== null ? (query as Record<string, unknown>) : {};
  const values: FilterValues = { state: '', recipient: '', text: '', since: '', until: '', zone: 'UTC' };
  for (const field of FIELDS) {
    const value = given[field];
    if (typeof value === 'string' && value.length <= MAX_SEARCHED_LENGTH && isSearchable(value))
      values[field] = value.trim();
  }
  if (!isMailState(values.state)) values.state = '';
  if (!isTimeZone(values.zone)) values.zone = 'UTC';
  if (momentOf(values.since, values.zone) === null) values.since = '';
  if (momentOf(values.until, values.zone) === null) values.until = '';
  return values;
}

const LABELS: Partial<Record<keyof FilterValues, string>> = {
  state: 'State',
  recipient: 'Recipient',
  text: 'Subject or message',
  since: 'Since',
  until: 'Until',
};

/** A sentence for each field of the query that is not in the values, since it cannot be looked for. */
export function leftOut(query: Record<string, unknown>, values: FilterValues): string[] {
  return FIELDS.flatMap((field) => {
    const label = LABELS[field];
    const given = query[field];
    if (label === undefined || given === undefined || values[field] !== '') return [];
    if (typeof given === 'string' && given.trim() === '') return [];
    const isTooLong = typeof given === 'string' && given.length > MAX_SEARCHED_LENGTH;
    const reason = isTooLong ? `it has more than ${MAX_SEARCHED_LENGTH} characters` : 'nothing can be like that';
    return [`“${label}” was left out: ${reason}.`];
  });
}

/** What the values ask for. */
export function mailFilterOf({ state, recipient, text, since, until, zone }: FilterValues): MailFilter {
  const untilMoment = momentOf(until, zone);
  return {
    state: isMailState(state) ? state : undefined,
    recipient: recipient === '' ? undefined : asSent(recipient),
    text: text === '' ? undefined : text,
    since: momentOf(since, zone) ?? undefined,
    // The minute that was typed belongs to it, as a reader of the list sees no seconds.
    until: untilMoment === null ? undefined : new Date(untilMoment.getTime() + MINUTE_MS),
  };
}

/** Whether there is anything to leave out. */
export function isFiltering(filter: MailFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

/** The query of a page with these values, without those that say nothing. */
export function filterQuery(values: FilterValues, place: Record<string, string> = {}): string {
  const { zone, ...rest } = values;
  const hasTime = values.since !== '' || values.until !== '';
  const given = Object.entries({ ...rest, ...(hasTime ? { zone } : {}), ...place }).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** What is wanted, in a few words. */
export function filterWords({ state, recipient, text, since, until }: FilterValues): string {
  const words = [
    isMailState(state) ? stateLabel(state) : '',
    recipient === '' ? '' : `to ${recipient}`,
    text === '' ? '' : `with “${text}”`,
    since === '' ? '' : `since ${since.replace('T', ' ')}`,
    until === '' ? '' : `until ${until.replace('T', ' ')}`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

function isMailState(text: string): text is MailState {
  return mailStates.some((state) => state === text);
}
