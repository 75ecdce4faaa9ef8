import { listText, mailsText, type MailLine } from './mail-lines.js';

/** A mail that waits for a decision. */
export interface HeldMail extends MailLine {
  heldSince: Date;
}

/** What a reminder tells. */
export interface Reminder {
  /** The one that has been held longest is the first. */
  held: readonly HeldMail[];
  /** Where the pages are. */
  publicUrl: string;
  timeZone: string;
}

/** @returns subject and text of the mail */
export function reminderText({ held, publicUrl, timeZone }: Reminder): { subject: string; msg: string } {
  const [are, they, were] = held.length === 1 ? ['waits', 'it', 'was'] : ['wait', 'they', 'were'];
  const details = ({ id }: MailLine, index: number): string[] => {
    const { heldSince } = held[index] as HeldMail;
    return [`Held since ${timeText(heldSince, timeZone)}`, `${publicUrl}/mails/${id}`];
  };
  return {
    subject: `${mailsText(held.length)} ${are} for your decision`,
    msg: [
      `Nobody heard whether the mail server took ${held.length === 1 ? 'this mail' : 'these mails'}, so ${they} may have ` +
        `been sent or not. Nothing is sent again by itself: ask whether ${they} ${were} received, then decide.`,
      listText(held, held.length, details),
      `All of them: ${decideUrl(publicUrl)}`,
    ].join('\n\n'),
  };
}

/** @returns the same for a log, in one line and without anything that is somebody's */
export function reminderLine({ held, publicUrl, timeZone }: Reminder): string {
  const since = held[0] === undefined ? '' : ` since ${timeText(held[0].heldSince, timeZone)}`;
  const are = held.length === 1 ? 'waits' : 'wait';
  return (
    `${mailsText(held.length)} ${are} for a decision${since}: nobody knows whether the mail server took ${held.length === 1 ? 'it' : 'them'}. ` +
    `Decide at ${decideUrl(publicUrl)}; with DIGEST_TO you are told by mail.`
  );
}

function decideUrl(publicUrl: string): string {
  return `${publicUrl}/mails?state=uncertain`;
}

function timeText(time: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone });
  return `${format.format(time)} (${timeZone})`;
}
