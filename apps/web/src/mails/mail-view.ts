import {
  mailStatus,
  plainWords,
  recurringIdOf,
  type MailAction,
  type MailRecord,
  type MailState,
  type MailStatus,
  type Waiting,
} from '@celeriac/mail';
import { attemptViews, type AttemptViews } from './attempt-view.js';
import { recipientsText } from './mail-list.js';
import { shownAddress } from './shown-address.js';
import { ACTION_LABELS, mailDetail, stateView, waitingWords, type StateView } from './state-words.js';
import { timeView, type TimeView } from './times.js';

/** A button of the page: a form that is posted to `url`. */
export interface ActionView {
  key: MailAction;
  url: string;
  label: string;
  csrfToken: string;
  /** How often the mail has been sent again: the button is for the mail that its reader sees. */
  resends: number;
}

/** What the page of one mail shows; the live part of it, `mail-state.hbs`, takes the same. */
export interface MailView extends AttemptViews {
  id: string;
  url: string;
  /** Of the browser's tab. */
  title: string;
  subject: string;
  from: string;
  message: string;
  /** What stands there in place of a message that the retention has removed; null while it is there. */
  textRemoved: string | null;
  recipientsText: string;
  /** Of the recurring mail that it came of. */
  recurringUrl: string | null;
  accepted: TimeView;
  /** Accepted so lately that the reader has just sent it. */
  isFresh: boolean;
  state: StateView;
  /** A time at which it gets on, or may, and what that is. */
  waitsUntil: { label: string; time: TimeView } | null;
  /** What to mend, and when it is seen whether that helped, while the mail server refuses us. */
  serverTrouble: { advice: string; nextProbe: TimeView } | null;
  steps: Array<{ label: string; status: 'done' | 'current' | 'todo' | 'problem' }>;
  recipients: Array<{ address: string; state: StateView }>;
  nextAttempt: TimeView | null;
  settled: boolean;
  actions: ActionView[];
}

/** What the view of a mail needs besides the mail. */
export interface ViewContext {
  /** The sender's address. */
  from: string;
  /** For the forms of the buttons. */
  csrfToken: string;
}

const FRESH_MS = 60_000;
const DAY_MS = 86_400_000;

/** @param now - by which a mail is fresh or not */
export function mailView(record: MailRecord, { from, csrfToken }: ViewContext, now = new Date()): MailView {
  const { mail, waiting } = record;
  const status = mailStatus(record);
  const recurringId = recurringIdOf(mail.idempotencyKey);
  const state = stateView(status.state, mailDetail(record, status));
  // Something is amiss that the mail itself does not say.
  const isAsItShouldBe = waiting === null || waiting.reason === 'in_line' || waiting.reason === 'rate_limited';
  if ((status.state === 'queued' || status.state === 'sending') && !isAsItShouldBe) state.tone = 'warning';
  // One whose time has come waits for something else, if it still waits.
  const isHeldUp = status.state === 'retrying' && waiting !== null;
  if (isHeldUp) state.detail = `${waitingWords(waiting)}${state.detail === '' ? '' : ` Before: ${state.detail}`}`;
  return {
    id: mail.id,
    url: `/mails/${mail.id}`,
    title: `${state.label}: ${mail.subject}`,
    subject: mail.subject,
    from,
    message: mail.message ?? '',
    textRemoved: textRemoved(mail),
    recipientsText: recipientsText(record.recipients),
    recurringUrl: recurringId === null ? null : `/mails/recurring/${recurringId}`,
    accepted: timeView(mail.createdAt),
    isFresh: recurringId === null && now.getTime() - mail.createdAt.getTime() < FRESH_MS,
    state,
    waitsUntil: waitsUntil(waiting),
    serverTrouble:
      waiting?.reason === 'mail_server'
        ? { advice: waiting.advice, nextProbe: timeView(new Date(waiting.nextProbeAt)) }
        : null,
    steps: steps(status.state),
    recipients: status.recipients.map((recipient) => ({
      address: shownAddress(recipient.address),
      state: stateView(recipient.state, replyWords(recipient)),
    })),
    ...attemptViews(status.attempts, status.recipients.length),
    nextAttempt: status.nextAttemptAt === null || isHeldUp ? null : timeView(status.nextAttemptAt),
    settled: status.settled,
    actions: status.actions.map((key) => ({
      key,
      url: `/mails/${mail.id}/${key}`,
      label: ACTION_LABELS[key],
      csrfToken,
      resends: mail.earlierTaskIds.length,
    })),
  };
}

/** In whole days, as the retention counts. */
function textRemoved({ createdAt, textRemovedAt }: MailRecord['mail']): string | null {
  if (textRemovedAt === null) return null;
  const days = Math.floor((textRemovedAt.getTime() - createdAt.getTime()) / DAY_MS);
  return `The text was removed after ${days === 1 ? 'a day' : `${days} days`}.`;
}

function waitsUntil(waiting: Waiting | null): MailView['waitsUntil'] {
  if (waiting?.reason === 'rate_limited') return { label: 'Its turn', time: timeView(waiting.dueAt) };
  if (waiting?.reason !== 'lease' || waiting.until === null) return null;
  return { label: "The worker's lease runs out", time: timeView(waiting.until) };
}

/** Of one that is still on its way, the words are those of an attempt that is over. */
function replyWords({ state, reply }: MailStatus['recipients'][number]): string {
  if (reply === null) return '';
  const isOpen = state === 'queued' || state === 'sending';
  return isOpen ? `Before: ${plainWords(reply)}` : plainWords(reply);
}

/** Where a mail stands: the index of the step that is going on, or that went wrong. */
const STEP_OF: Record<MailState, number> = {
  queued: 1,
  retrying: 1,
  sending: 2,
  canceled: 2,
  refused: 3,
  failed: 3,
  uncertain: 3,
  sent: 4,
  arrived: 4,
};
const PROBLEMS = new Set<MailState>(['refused', 'failed', 'uncertain', 'canceled']);

function steps(state: MailState): MailView['steps'] {
  const at = STEP_OF[state];
  const here = PROBLEMS.has(state) ? 'problem' : 'current';
  return ['Accepted', 'Queued', 'Sending', 'Sent'].map((label, index) => ({
    label,
    status: index < at ? 'done' : index > at ? 'todo' : here,
  }));
}
