import { asSent, mailStates, type MailFilter, type MailState } from '@celeriac/mail';
import { stateLabel } from './state-words.js';
import { isTimeZone, momentOf } from './local-time.js';

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
const LONGEST_VALUE = 200;
const MINUTE_MS = 60_000;

/** The filter's fields out of the query. What cannot be a value counts as empty. */
export function filterValues(query: unknown): FilterValues {
  const given = typeof query === 'object' && query !== null ? (query as Record<string, unknown>) : {};
  const values: FilterValues = { state: '', recipient: '', text: '', since: '', until: '', zone: 'UTC' };
  for (const field of FIELDS) {
    const value = given[field];
    if (typeof value === 'string' && value.length <= LONGEST_VALUE && isSearchable(value)) values[field] = value.trim();
  }
  if (!isMailState(values.state)) values.state = '';
  if (!isTimeZone(values.zone)) values.zone = 'UTC';
  if (momentOf(values.since, values.zone) === null) values.since = '';
  if (momentOf(values.until, values.zone) === null) values.until = '';
  return values;
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
  return (mailStates as string[]).includes(text);
}

/** Postgres knows no NUL and no half of a surrogate pair. */
function isSearchable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
