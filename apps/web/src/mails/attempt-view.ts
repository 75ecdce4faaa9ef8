import { plainWords, type AttemptState, type AttemptStatus } from '@celeriac/mail';
import { shownAddress } from './shown-address.js';
import type { Tone } from './state-words.js';
import { durationText, timeView, type TimeView } from './times.js';

/** What the page of a mail shows of one try to send it. */
export interface AttemptView {
  number: number;
  worker: string;
  started: TimeView | null;
  durationText: string;
  label: string;
  tone: Tone;
  /** What the server said, or what went wrong. */
  words: string[];
}

/** What the page of a mail shows of the tries to send it. */
export interface AttemptViews {
  /** Newest first, and not too many. */
  attempts: AttemptView[];
  /** "and 80 earlier ones"; empty when all are shown. */
  earlierText: string;
}

const MOST_SHOWN = 20;
/** So many addresses are named in front of a reply; all of them stand with the recipients. */
const MOST_NAMED = 3;

const ATTEMPT_LABELS: Record<AttemptState, [label: string, tone: Tone]> = {
  running: ['Running', 'active'],
  accepted: ['Accepted', 'good'],
  put_off: ['Put off', 'warning'],
  refused: ['Refused', 'bad'],
  failed: ['Failed', 'bad'],
  uncertain: ['Uncertain', 'warning'],
  lost: ['The worker was lost', 'warning'],
  given_back: ['Given back', 'waiting'],
};

/** What is to be said of a try whose worker could not say anything. */
const UNSAID: Partial<Record<AttemptState, string>> = {
  lost: 'Its worker died before any of the mail had left.',
  uncertain:
    'Its worker ended after the mail had begun to leave, and before it could say what the mail server answered.',
};

/** @param attempts - oldest first */
export function attemptViews(attempts: readonly AttemptStatus[], recipientCount: number): AttemptViews {
  const shown = attempts.slice(-MOST_SHOWN).toReversed();
  return {
    attempts: shown.map((attempt) => attemptView(attempt, recipientCount)),
    earlierText: earlierText(attempts.length - shown.length),
  };
}

function attemptView(
  { number, worker, startedAt, finishedAt, state, error, replies }: AttemptStatus,
  recipientCount: number,
): AttemptView {
  const [label, tone] = ATTEMPT_LABELS[state];
  return {
    number,
    worker,
    started: startedAt && timeView(startedAt),
    durationText: durationText(startedAt, finishedAt),
    label,
    tone,
    words: [...acceptedWords(replies, recipientCount), ...problemWords(state, error)],
  };
}

function problemWords(state: AttemptState, error: string | null): string[] {
  const words = error === null ? UNSAID[state] : plainWords(error);
  return words === undefined ? [] : [words];
}

/** Of a mail to several, with those to whom it was said. */
function acceptedWords(replies: AttemptStatus['replies'], recipientCount: number): string[] {
  const words = [...new Set(replies.map(({ reply }) => reply))];
  if (recipientCount === 1) return words;
  return words.map((said) => {
    const addresses = replies.filter(({ reply }) => reply === said).map(({ address }) => address);
    return `${namesOf(addresses)}: ${said}`;
  });
}

function namesOf(addresses: string[]): string {
  const more = addresses.length - MOST_NAMED;
  return `${addresses.slice(0, MOST_NAMED).map(shownAddress).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function earlierText(count: number): string {
  if (count === 0) return '';
  return count === 1 ? 'and an earlier one' : `and ${count} earlier ones`;
}
