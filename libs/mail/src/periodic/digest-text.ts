import type { MailState } from '../status/mail-status.js';
import type { CalendarDay } from './calendar-day.js';
import { listText, mailsText, reasonText, type MailLine } from './mail-lines.js';

/** The mails of a day that ended in one state. */
export interface DigestGroup {
  count: number;
  /** The first of them. */
  lines: MailLine[];
}

/** What a digest tells. */
export interface Digest {
  day: Pick<CalendarDay, 'date'>;
  timeZone: string;
  /** Where the pages are. */
  publicUrl: string;
  groups: ReadonlyMap<MailState, DigestGroup>;
}

/** A way to end, as a digest has it: what somebody may want to do something about comes first. */
interface Ending {
  state: MailState;
  title: string;
  /** Its mails are told of with why, and where to decide. */
  isTrouble: boolean;
}

const ENDINGS: readonly Ending[] = [
  { state: 'failed', title: 'failed', isTrouble: true },
  { state: 'refused', title: 'refused by the mail server', isTrouble: true },
  { state: 'uncertain', title: 'held: sent or not, nobody knows', isTrouble: true },
  { state: 'canceled', title: 'canceled', isTrouble: false },
  { state: 'arrived', title: 'arrived, as somebody has said', isTrouble: false },
  { state: 'sent', title: 'sent', isTrouble: false },
];

/** The states that a digest tells of. */
export const DIGEST_STATES: ReadonlySet<MailState> = new Set(ENDINGS.map(({ state }) => state));

/** @returns subject and text of the mail */
export function digestText({ day, timeZone, publicUrl, groups }: Digest): { subject: string; msg: string } {
  const found = ENDINGS.flatMap((ending) => {
    const group = groups.get(ending.state);
    return group === undefined ? [] : [{ ...ending, ...group }];
  });
  const total = found.reduce((sum, { count }) => sum + count, 0);
  const counts = found.map(({ state, count }) => `${count} ${state === 'uncertain' ? 'held' : state}`);
  const sections = found.map(({ title, count, lines, isTrouble }) => {
    const details = (line: MailLine): string[] => [reasonText(line), `${publicUrl}/mails/${line.id}`];
    return `${count} ${title}\n\n${listText(lines, count, isTrouble ? details : undefined)}`;
  });
  return {
    subject: `Mails of ${day.date}: ${counts.join(', ')}`,
    msg: [
      `${mailsText(total)} came to an end on ${day.date} (${timeZone}): ${counts.join(', ')}.`,
      ...sections,
      `All mails: ${publicUrl}/mails`,
    ].join('\n\n'),
  };
}
