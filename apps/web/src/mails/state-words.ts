import {
  plainWords,
  type MailAction,
  type MailRecord,
  type MailState,
  type MailStatus,
  type Waiting,
} from '@celeriac/mail';

/** The colour and mood of a state on the page. */
export type Tone = 'waiting' | 'active' | 'good' | 'warning' | 'bad' | 'off';

export interface StateView {
  key: MailState;
  label: string;
  detail: string;
  tone: Tone;
}

const LABELS: Record<MailState, [label: string, tone: Tone]> = {
  queued: ['Queued', 'waiting'],
  sending: ['Sending', 'active'],
  retrying: ['Will be tried again', 'warning'],
  sent: ['Sent', 'good'],
  arrived: ['Arrived', 'good'],
  refused: ['Refused', 'bad'],
  failed: ['Failed', 'bad'],
  uncertain: ['Uncertain', 'warning'],
  canceled: ['Canceled', 'off'],
};

/** What a state is called on the pages. */
export function stateLabel(state: MailState): string {
  return LABELS[state][0];
}

export function stateView(key: MailState, detail = ''): StateView {
  const [label, tone] = LABELS[key];
  return { key, label, tone, detail };
}

export const ACTION_LABELS: Record<MailAction, string> = {
  resend: 'Send it again',
  arrived: 'It arrived',
  cancel: 'Cancel',
};

/** What is to be said of a mail besides the name of its state. */
export function mailDetail({ task, waiting }: MailRecord, { state, recipients, attempts }: MailStatus): string {
  const words = plainWords(task?.error?.message ?? '');
  const count = (wanted: MailState): number => recipients.filter((recipient) => recipient.state === wanted).length;
  const sentTo = `Accepted for ${count('sent')} of ${recipients.length} recipients`;
  const isPartlySent = count('sent') > 0;
  switch (state) {
    case 'queued':
      return waitingWords(waiting);
    case 'sending':
      return waiting === null ? 'A worker is handing it over.' : waitingWords(waiting);
    case 'retrying':
      return words;
    case 'sent':
      return recipients.length === 1
        ? 'It was handed over and accepted.'
        : 'It was handed over and accepted for all recipients.';
    case 'arrived':
      return 'Nobody knew whether it was sent, and somebody has said that it arrived.';
    case 'refused':
      return isPartlySent ? `${sentTo}; the mail server refused the others.` : 'The mail server refused it, for good.';
    case 'failed': {
      const reason = task === null ? 'Its task is gone.' : words;
      const tries = attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`;
      const given = `${attempts.length === 0 ? 'Failed' : `Failed after ${tries}`}${reason === '' ? '.' : `: ${reason}`}`;
      return isPartlySent ? `${sentTo}. For the others: ${given}` : given;
    }
    case 'canceled':
      return isPartlySent ? `${sentTo}; called off for the others.` : 'It was called off before it was sent.';
    case 'uncertain':
      return (
        'Nobody heard whether the mail server took it, so it may have been sent or not. It is not sent again by itself: ' +
        'ask whether it is there, then decide.'
      );
  }
}

/** Why a mail does not get on that could go. */
export function waitingWords(waiting: Waiting | null): string {
  switch (waiting?.reason) {
    case undefined:
      return 'Your mail is stored and waits for a worker.';
    case 'in_line':
      return inLineWords(waiting.before, waiting.more);
    case 'broker_away':
      return 'RabbitMQ cannot be reached. Your mail is stored, and will be sent when it is back.';
    case 'no_queue':
      return 'RabbitMQ has no queue for mails. Your mail is stored, and will be sent when there is one.';
    case 'no_worker':
      return 'No worker that sends mail is running. Your mail is stored, and will be sent when one is.';
    case 'no_handler':
      return 'No worker that is running can send mail. Your mail is stored, and will be sent when one can.';
    case 'lease':
      return waiting.until === null
        ? 'The worker that had it has died. The next one that is free takes it over.'
        : 'The worker that has it gives no sign of life. If it has died, another one takes it over.';
    case 'rate_limited':
      return 'Only so many mails are sent in a time. It will be sent when its turn comes.';
    case 'mail_server':
      return `The mail server refuses us: ${plainWords(waiting.problem)}`;
  }
}

function inLineWords(before: number | null, more: boolean): string {
  if (before === null) return 'It waits for its turn.';
  if (before === 0) return 'It is next in line.';
  return `${more ? 'At least ' : ''}${before} ${before === 1 ? 'mail is' : 'mails are'} before it.`;
}
