import type { DataSource } from 'typeorm';
import { mailStatus } from '../status/mail-status.js';
import { OWN_KEYS, type MailAcceptor } from '../store/mail-acceptor.js';
import { conditionsOf, idAt } from '../store/mail-filter.js';
import { readCalendar, type Calendar } from './calendar-day.js';
import { mailLine } from './mail-lines.js';
import type { MailPeriodicOptions } from './mail-periodic-options.js';
import { mailsWithText, type FoundMail } from './mails-with-text.js';
import { reminderLine, reminderText, type HeldMail } from './reminder-text.js';

/** Somebody who looks at a page may decide by himself within that. */
const PATIENCE_MS = 3_600_000;
const KEYS = `${OWN_KEYS}uncertain:`;

/** Where a reminder goes that nobody gets by mail; Nest's Logger fits. */
export interface ReminderLog {
  warn(message: string): void;
}

/**
 * Reminds of mails that are held as uncertain: of one that is new as soon as it has been held for an hour, of all of
 * them once a day.
 */
export class UncertainReminder {
  /** Without DIGEST_TO, only this process knows. */
  private loggedAt: Date | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly acceptor: Pick<MailAcceptor, 'acceptOfTask'>,
    private readonly options: Pick<MailPeriodicOptions, 'digestTo' | 'publicUrl' | 'timeZone'>,
    private readonly log: ReminderLog,
  ) {}

  /** @returns what was done, in one line */
  async remind(signal: AbortSignal): Promise<string> {
    const { digestTo, publicUrl, timeZone } = this.options;
    const calendar = await readCalendar(this.dataSource, timeZone);
    const held = await this.findHeld(calendar.now, signal);
    const newest = held.at(-1);
    if (newest === undefined) return 'No mail waits for a decision.';
    const toldAt = digestTo.length > 0 ? await this.mailedAt(calendar) : this.loggedAt;
    if (!isTimeToTell(newest, toldAt, calendar)) return `${held.length} held as told at ${toldAt?.toISOString()}.`;
    const reminder = { held, publicUrl, timeZone };
    if (digestTo.length === 0) {
      this.log.warn(reminderLine(reminder));
      this.loggedAt = calendar.now;
      return `${held.length} held: told in the log.`;
    }
    const form = { email: [...digestTo], ...reminderText(reminder) };
    // With the time: a mail that was sent again may be held a second time on the same day.
    const key = `${KEYS}${calendar.today.date}:${newest.id}:${newest.heldSince.getTime()}`;
    const { id } = await this.acceptor.acceptOfTask(form, key);
    return `${held.length} held: told by mail ${id}.`;
  }

  /** The one that has been held longest is the first. */
  private async findHeld(now: Date, signal: AbortSignal): Promise<HeldMail[]> {
    const held: HeldMail[] = [];
    const [condition = 'true'] = conditionsOf({ state: 'uncertain' }, String);
    for await (const found of mailsWithText(this.dataSource, { condition }, signal)) {
      if (mailStatus(found).state !== 'uncertain') continue;
      const heldSince = heldSinceOf(found);
      if (now.getTime() - heldSince.getTime() < PATIENCE_MS) continue;
      held.push({ ...mailLine(found), heldSince });
    }
    return held.toSorted((one, other) => one.heldSince.getTime() - other.heldSince.getTime());
  }

  /** When today's last reminder was written; null: there is none. */
  private async mailedAt({ today }: Calendar): Promise<Date | null> {
    const [row]: Array<{ at: Date | null }> = await this.dataSource.query(
      `SELECT max(created_at) AS at FROM mail WHERE id >= $1 AND starts_with(idempotency_key, $2)`,
      [idAt(today.from), KEYS],
    );
    return row?.at ?? null;
  }
}

/** Nobody was told today, or one has become due since then. */
function isTimeToTell({ heldSince }: HeldMail, toldAt: Date | null, { today }: Calendar): boolean {
  return toldAt === null || toldAt < today.from || heldSince.getTime() + PATIENCE_MS > toldAt.getTime();
}

/** Since the last run of which nobody heard how it ended. */
function heldSinceOf({ recipients, task, attempts }: FoundMail): Date {
  const answers = recipients.flatMap(({ verdict, answeredAt }) => (verdict === 'uncertain' && answeredAt) || []);
  return answers[0] ?? task?.finishedAt ?? attempts.at(-1)?.startedAt ?? new Date(0);
}
