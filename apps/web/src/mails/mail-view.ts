import { mailStatus, type MailRecord, type MailState, type MailStatus } from '@celeriac/mail';

/** The colour and mood of a state on the page. */
type Tone = 'waiting' | 'active' | 'good' | 'warning' | 'bad';

export interface StateView {
  key: MailState;
  label: string;
  detail: string;
  tone: Tone;
}

export interface AttemptView {
  number: number;
  worker: string;
  startedAt: string | null;
  startedAtText: string;
  durationText: string;
  label: string;
  detail: string;
  tone: Tone;
}

/** What the page of one mail shows; the live part of it, `mail-state.hbs`, takes the same. */
export interface MailView {
  id: string;
  url: string;
  subject: string;
  from: string;
  message: string;
  createdAt: string;
  createdAtText: string;
  state: StateView;
  steps: Array<{ label: string; status: 'done' | 'current' | 'todo' | 'problem' }>;
  recipients: Array<{ address: string; state: StateView }>;
  /** Newest first. */
  attempts: AttemptView[];
  nextAttemptAt: string | null;
  nextAttemptAtText: string;
  settled: boolean;
}

/** What a line of the history shows. */
export interface MailListItem {
  id: string;
  url: string;
  subject: string;
  createdAt: string;
  createdAtText: string;
  recipientsText: string;
  state: StateView;
}

const LABELS: Record<MailState, [label: string, tone: Tone]> = {
  queued: ['Queued', 'waiting'],
  sending: ['Sending', 'active'],
  retrying: ['Will be tried again', 'warning'],
  sent: ['Sent', 'good'],
  refused: ['Refused', 'bad'],
  failed: ['Failed', 'bad'],
  uncertain: ['Uncertain', 'warning'],
};

export function mailView(record: MailRecord, from: string): MailView {
  const { mail, attempts } = record;
  const status = mailStatus(record);
  return {
    id: mail.id,
    url: `/mails/${mail.id}`,
    subject: mail.subject,
    from,
    message: mail.message,
    createdAt: mail.createdAt.toISOString(),
    createdAtText: utcText(mail.createdAt),
    state: stateView(status.state, mailDetail(record, status)),
    steps: steps(status.state),
    recipients: status.recipients.map(({ address, state, reply }) => ({
      address,
      state: stateView(state, reply ?? ''),
    })),
    attempts: attempts.map(attemptView).toReversed(),
    nextAttemptAt: status.nextAttemptAt?.toISOString() ?? null,
    nextAttemptAtText: status.nextAttemptAt === null ? '' : utcText(status.nextAttemptAt),
    settled: status.settled,
  };
}

export function mailListItem(record: MailRecord): MailListItem {
  const { mail, recipients } = record;
  const status = mailStatus(record);
  const [first] = recipients;
  const more = recipients.length - 1;
  return {
    id: mail.id,
    url: `/mails/${mail.id}`,
    subject: mail.subject,
    createdAt: mail.createdAt.toISOString(),
    createdAtText: utcText(mail.createdAt),
    recipientsText: `${first?.address ?? ''}${more > 0 ? ` and ${more} more` : ''}`,
    state: stateView(status.state, mailDetail(record, status)),
  };
}

/** What a state is called on the pages. */
export function stateLabel(state: MailState): string {
  return LABELS[state][0];
}

function stateView(key: MailState, detail: string): StateView {
  const [label, tone] = LABELS[key];
  return { key, label, tone, detail };
}

function mailDetail({ task }: MailRecord, { state, recipients }: MailStatus): string {
  const count = (wanted: MailState): number => recipients.filter((recipient) => recipient.state === wanted).length;
  const share = (wanted: MailState): string => `${count(wanted)} of ${recipients.length} recipients`;
  switch (state) {
    case 'queued':
      if (task?.waitReason === 'no_handler') return 'Waiting for a worker that can send mail.';
      return 'Your mail is stored and waits for a worker.';
    case 'sending':
      return 'A worker is handing it to the mail server.';
    case 'retrying':
      return task?.error?.message ?? '';
    case 'sent':
      return recipients.length === 1
        ? 'The mail server accepted it.'
        : 'The mail server accepted it for all recipients.';
    case 'refused':
      if (count('sent') > 0) return `Accepted for ${share('sent')}; the mail server refused the others.`;
      return 'The mail server refused it, for good.';
    case 'failed': {
      const reason = task?.error?.message ?? 'Its task is gone.';
      return count('sent') > 0
        ? `Accepted for ${share('sent')}. Given up for the others: ${reason}`
        : `Given up: ${reason}`;
    }
    case 'uncertain':
      return 'The link to the mail server broke before its answer. It may have been sent or not, so it is not sent again.';
  }
}

function steps(state: MailState): MailView['steps'] {
  const labels = ['Accepted', 'Queued', 'Sending', 'Sent'];
  // Where it stands: the index of the step that is going on, or that went wrong.
  const at = { queued: 1, retrying: 1, sending: 2, refused: 3, failed: 3, uncertain: 3, sent: 4 }[state];
  const isProblem = state === 'refused' || state === 'failed' || state === 'uncertain';
  return labels.map((label, index) => ({
    label,
    status: index < at ? 'done' : index > at ? 'todo' : isProblem ? 'problem' : 'current',
  }));
}

function attemptView({
  number,
  workerName,
  startedAt,
  finishedAt,
  outcome,
  error,
}: MailRecord['attempts'][number]): AttemptView {
  const views: Record<string, [label: string, tone: Tone]> = {
    SUCCESS: ['Done', 'good'],
    RETRY: ['Put off', 'warning'],
    FAILURE: ['Failed', 'bad'],
    WORKER_LOST: ['The worker was lost', 'warning'],
  };
  const open: [label: string, tone: Tone] = finishedAt === null ? ['Running', 'active'] : ['Interrupted', 'warning'];
  const [label, tone] = views[outcome ?? ''] ?? open;
  return {
    number,
    worker: workerName,
    startedAt: startedAt?.toISOString() ?? null,
    startedAtText: startedAt === null ? '' : utcText(startedAt),
    durationText:
      startedAt === null || finishedAt === null ? '' : durationText(finishedAt.getTime() - startedAt.getTime()),
    label,
    detail: error?.message ?? '',
    tone,
  };
}

function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

const UTC = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** A time in a page. */
export interface TimeView {
  iso: string;
  text: string;
}

export function timeView(date: Date): TimeView {
  return { iso: date.toISOString(), text: utcText(date) };
}

/** The page's script turns it into the reader's own time. */
function utcText(date: Date): string {
  return `${UTC.format(date)} UTC`;
}

/** How long ago something was, to be read at once: "40 seconds ago". */
export function agoText(date: Date, now = new Date()): string {
  const seconds = Math.max(0, Math.round((now.getTime() - date.getTime()) / 1000));
  if (seconds < 5) return 'a moment ago';
  if (seconds < 60) return `${seconds} seconds ago`;
  const minutes = Math.floor(seconds / 60);
  return minutes === 1 ? 'a minute ago' : `${minutes} minutes ago`;
}
