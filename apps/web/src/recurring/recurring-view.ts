import { mailStatus, type RecurringMail, type RecurringRun } from '@celeriac/mail';
import { describeSchedule, isOverdue } from '@celeriac/schedule';
import { recipientsText } from '../mails/mail-list.js';
import { shownAddress } from '../mails/shown-address.js';
import { stateView, type StateView, type Tone } from '../mails/state-words.js';
import { timeView, type TimeView } from '../mails/times.js';
import { timesWords } from './recurrence-words.js';

/** What came of a time at which a recurring mail was due. */
export interface RunView {
  /** Of the mail; of one that is not there, when it was due. */
  time: TimeView | null;
  /** Null: there is no mail of it; `words` says why. */
  mail: { url: string; state: StateView } | null;
  words: string;
}

/** What a list shows of a recurring mail. */
export interface RecurringItem {
  url: string;
  subject: string;
  recipientsText: string;
  timesWords: string;
  state: { key: 'active' | 'overdue' | 'paused' | 'stopped'; label: string; tone: Tone };
  /** Of an active one: when it is sent next, on the clock of its zone. */
  next: TimeView | null;
  /** Since when it should have been sent, which nobody has done. */
  overdueSince: TimeView | null;
  /** Why it was stopped. */
  problem: string | null;
  lastRun: RunView | null;
}

/** What its page shows besides. */
export interface RecurringView extends RecurringItem {
  id: string;
  recipients: string;
  message: string;
  /** What happens when clocks are changed. */
  clockChange: string | null;
  zone: string;
  nextTimes: TimeView[];
  /** It can be paused; otherwise resumed. */
  isOn: boolean;
  runs: RunView[];
  /** Added so lately that the reader has just done it. */
  isFresh: boolean;
}

const FRESH_MS = 60_000;

const STATES: Record<RecurringItem['state']['key'], [label: string, tone: Tone]> = {
  active: ['Active', 'good'],
  overdue: ['Overdue', 'warning'],
  paused: ['Paused', 'off'],
  stopped: ['Stopped', 'bad'],
};

/** @param now - by which it is overdue or not */
export function recurringItem(mail: RecurringMail, lastRun: RecurringRun | undefined, now = new Date()): RecurringItem {
  const { id, form, nextRunAt, problem } = mail;
  const key = stateOf(mail, now);
  const [label, tone] = STATES[key];
  return {
    url: `/mails/recurring/${id}`,
    subject: form?.subject ?? '(cannot be read)',
    recipientsText: recipientsText((form?.email ?? []).map((address) => ({ address }))),
    timesWords: timesWords(mail),
    state: { key, label, tone },
    next: key === 'active' && nextRunAt !== null ? zonedTime(nextRunAt, zoneOf(mail)) : null,
    overdueSince: key === 'overdue' && nextRunAt !== null ? timeView(nextRunAt) : null,
    problem: key === 'stopped' ? problem : null,
    lastRun: lastRun === undefined ? null : runView(lastRun),
  };
}

/**
 * @param nextTimes - at which it is due
 * @param runs - the last ones, the latest first
 */
export function recurringView(
  mail: RecurringMail,
  nextTimes: readonly Date[],
  runs: readonly RecurringRun[],
  now = new Date(),
): RecurringView {
  const { id, form, schedule, createdAt, totalRuns } = mail;
  const item = recurringItem(mail, runs[0], now);
  const zone = zoneOf(mail);
  return {
    ...item,
    id,
    recipients: (form?.email ?? []).map(shownAddress).join(', '),
    message: form?.msg ?? '',
    clockChange: schedule && describeSchedule(schedule).clockChange,
    zone,
    isOn: mail.enabled,
    nextTimes: item.state.key === 'active' ? nextTimes.map((time) => zonedTime(time, zone)) : [],
    runs: runs.map(runView),
    isFresh: item.next !== null && totalRuns === 0 && now.getTime() - createdAt.getTime() < FRESH_MS,
  };
}

function stateOf(mail: RecurringMail, now: Date): RecurringItem['state']['key'] {
  if (mail.problem !== null) return 'stopped';
  if (!mail.enabled) return 'paused';
  return isOverdue(mail, now) ? 'overdue' : 'active';
}

function zoneOf({ schedule }: RecurringMail): string {
  return schedule?.type === 'crontab' ? schedule.timezone : 'UTC';
}

/** A time on the clock on the wall there. */
function zonedTime(time: Date, timeZone: string): TimeView {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone });
  return { iso: time.toISOString(), text: format.format(time) };
}

function runView({ dueAt, mail, taskState }: RecurringRun): RunView {
  const time = mail?.mail.createdAt ?? dueAt;
  return {
    time: time && timeView(time),
    mail: mail && { url: `/mails/${mail.mail.id}`, state: stateView(mailStatus(mail).state) },
    words: mail === null ? missingWords(taskState) : '',
  };
}

/** Why there is no mail of a task. */
function missingWords(taskState: RecurringRun['taskState']): string {
  switch (taskState) {
    case 'PENDING':
    case 'STARTED':
    case 'RETRY':
      return 'A worker has yet to write it.';
    case 'FAILURE':
      return 'It could not be written.';
    case 'REVOKED':
      return 'It was called off.';
    default:
      return 'It is not kept any more.';
  }
}
