import { plainWords, type MailEvent, type MailEventType } from '@celeriac/mail';
import { shownAddress } from './shown-address.js';
import { timeView, type TimeView } from './times.js';

/** What a line of the log shows. */
export interface EventView {
  type: MailEventType;
  label: string;
  time: TimeView;
  /** Whom it is about. */
  addresses: string;
  /** The mail server's, each once, and why. */
  words: string[];
}

const LABELS: Record<MailEventType, string> = {
  'mail.accepted': 'Accepted',
  'mail.requeued': 'To be sent again',
  'mail.sent': 'Sent: it was accepted',
  'mail.refused': 'Refused by the mail server',
  'mail.uncertain': 'Uncertain whether it was sent',
  'mail.arrived': 'Arrived, somebody has said',
  'mail.failed': 'Failed',
  'mail.canceled': 'Canceled',
};

/** The server's words to what it says of itself; before and after that they are old. */
const WITH_REPLIES = new Set<MailEventType>(['mail.sent', 'mail.refused', 'mail.uncertain', 'mail.failed']);

/** What the log of a mail shows of an event. */
export function eventView({ type, timestamp, data: { recipients, reason } }: MailEvent): EventView {
  const replies = WITH_REPLIES.has(type) ? recipients.map(({ reply }) => reply) : [];
  const words = [reason, ...replies].filter((each) => each !== null && each !== '') as string[];
  return {
    type,
    label: LABELS[type],
    time: timeView(new Date(timestamp)),
    addresses: recipients.map(({ address }) => shownAddress(address)).join(', '),
    words: [...new Set(words.map(plainWords))],
  };
}
