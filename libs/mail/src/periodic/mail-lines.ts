import { plainWords } from '../status/reply-words.js';
import { mailStatus } from '../status/mail-status.js';
import type { FoundMail } from './mails-with-text.js';

/** So many mails of a list are named. With the limits below, six such lists fit into a mail. */
export const MOST_LISTED = 15;
const MOST_ADDRESSES = 3;
/** In characters. */
const LONGEST_SUBJECT = 80;
const LONGEST_ADDRESSES = 160;
const LONGEST_REASON = 240;

/** What a mail to people says of another mail. */
export interface MailLine {
  id: string;
  subject: string;
  /** Those that it is about. */
  addresses: string[];
  /** In plain words; empty when there are none. */
  reason: string;
}

/** @returns the recipients who are in the state that the mail is in, and why */
export function mailLine(found: FoundMail): MailLine {
  const { state, recipients } = mailStatus(found);
  const concerned = recipients.filter((recipient) => recipient.state === state);
  const replies = concerned.flatMap(({ reply }) => reply ?? []);
  // Of a mail that was given up, the task's error says why: it is that of its last try.
  const words = state === 'failed' ? [found.task?.error?.message ?? replies[0] ?? ''] : replies;
  return {
    id: found.mail.id,
    subject: found.mail.subject,
    addresses: concerned.map(({ address }) => address),
    reason: [...new Set(words.map(plainWords))].join(' '),
  };
}

/**
 * The lines of a list, the first {@link MOST_LISTED} of its mails.
 *
 * @param total - how many there are
 * @param details - further lines of each
 */
export function listText(
  lines: readonly MailLine[],
  total: number,
  details: (line: MailLine, index: number) => string[] = () => [],
): string {
  const items = lines.slice(0, MOST_LISTED).map((line, index) => {
    const own = [`To ${addressesText(line.addresses)}`, ...details(line, index)].filter((text) => text !== '');
    return [`- ${shortened(line.subject, LONGEST_SUBJECT)}`, ...own.map((text) => `  ${text}`)].join('\n');
  });
  const others = total - items.length;
  return [...items, ...(others > 0 ? [`and ${others} more`] : [])].join('\n');
}

/** @returns why, in one line */
export function reasonText({ reason }: MailLine): string {
  return shortened(reason.replace(/\s+/g, ' ').trim(), LONGEST_REASON);
}

/** @returns `1 mail`, `2 mails` */
export function mailsText(count: number): string {
  return count === 1 ? '1 mail' : `${count} mails`;
}

function addressesText(addresses: readonly string[]): string {
  const others = addresses.length - MOST_ADDRESSES;
  const named = shortened(addresses.slice(0, MOST_ADDRESSES).join(', '), LONGEST_ADDRESSES);
  return `${named}${others > 0 ? ` and ${others} more` : ''}`;
}

/** Without half a surrogate pair at its end. */
function shortened(text: string, length: number): string {
  return text.length <= length
    ? text
    : `${text
        .slice(0, length)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`;
}
