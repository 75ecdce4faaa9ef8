import { mailStatus, type MailOutline } from '@celeriac/mail';
import { shownAddress } from './shown-address.js';
import { stateView, type StateView } from './state-words.js';
import { timeView, type TimeView } from './times.js';

/** What a line of the history shows. */
export interface MailListItem {
  url: string;
  subject: string;
  accepted: TimeView;
  recipientsText: string;
  state: StateView;
}

export function mailListItem(outline: MailOutline): MailListItem {
  const { mail, recipients } = outline;
  return {
    url: `/mails/${mail.id}`,
    subject: mail.subject,
    accepted: timeView(mail.createdAt),
    recipientsText: recipientsText(recipients),
    state: stateView(mailStatus(outline).state),
  };
}

/** The first address, and how many more there are. */
export function recipientsText(recipients: ReadonlyArray<{ address: string }>): string {
  const [first, ...others] = recipients;
  return `${first === undefined ? '' : shownAddress(first.address)}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}
