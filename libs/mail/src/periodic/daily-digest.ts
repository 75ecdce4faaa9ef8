import type { DataSource } from 'typeorm';
import { OWN_KEYS, type MailAcceptor } from '../store/mail-acceptor.js';
import { mailStatus, type MailState } from '../status/mail-status.js';
import { readCalendar, type CalendarDay } from './calendar-day.js';
import { DIGEST_STATES, digestText, type DigestGroup } from './digest-text.js';
import { mailLine, MOST_LISTED } from './mail-lines.js';
import type { MailPeriodicOptions } from './mail-periodic-options.js';
import { mailsWithText } from './mails-with-text.js';

/** Mails what became of the mails of yesterday: those that ended then, whenever they were written. */
export class DailyDigest {
  constructor(
    private readonly dataSource: DataSource,
    private readonly acceptor: Pick<MailAcceptor, 'acceptOfTask'>,
    private readonly options: Pick<MailPeriodicOptions, 'digestTo' | 'publicUrl' | 'timeZone'>,
  ) {}

  /**
   * Accepts the mail that tells it; of one day there is one, however often this is called. A day on which nothing has
   * ended has none.
   *
   * @returns what was done, in one line
   */
  async send(signal: AbortSignal): Promise<string> {
    const { digestTo, publicUrl, timeZone } = this.options;
    if (digestTo.length === 0) return 'DIGEST_TO is not set: no digest is sent.';
    const { yesterday: day } = await readCalendar(this.dataSource, timeZone);
    const groups = await this.groupsOf(day, signal);
    if (groups.size === 0) return `No mail came to an end on ${day.date}: no digest is sent.`;
    const form = { email: [...digestTo], ...digestText({ day, timeZone, publicUrl, groups }) };
    const { id, fresh } = await this.acceptor.acceptOfTask(form, `${OWN_KEYS}digest:${day.date}`);
    return fresh ? `The digest of ${day.date} is mail ${id}.` : `There was a digest of ${day.date}: mail ${id}.`;
  }

  private async groupsOf({ from, until }: CalendarDay, signal: AbortSignal): Promise<Map<MailState, DigestGroup>> {
    const groups = new Map<MailState, DigestGroup>();
    const ended = { condition: 'task.finished_at >= $4 AND task.finished_at < $5', values: [from, until] };
    for await (const found of mailsWithText(this.dataSource, ended, signal)) {
      const { state } = mailStatus(found);
      if (!DIGEST_STATES.has(state)) continue;
      const group = groups.get(state) ?? { count: 0, lines: [] };
      group.count += 1;
      if (group.lines.length < MOST_LISTED) group.lines.push(mailLine(found));
      groups.set(state, group);
    }
    return groups;
  }
}
