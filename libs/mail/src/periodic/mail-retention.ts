import type { DataSource, EntityManager } from 'typeorm';
import type { MailFacts } from '../status/mail-record.js';
import { mailStatus } from '../status/mail-status.js';
import type { MailEntity } from '../store/entities/mail.entity.js';
import { readFacts } from '../store/mail-facts.js';
import { FIRST_ID, idAt } from '../store/mail-filter.js';
import { readCalendar } from './calendar-day.js';
import type { MailPeriodicOptions } from './mail-periodic-options.js';

/** Few enough that a transaction is short. */
const BATCH = 1000;
const DAY_MS = 86_400_000;

/** The run that mails are forgotten in. */
export interface RetentionRun {
  /** Ends it between two batches. */
  signal: AbortSignal;
  /** No further batch is begun after that. */
  budgetMs: number;
  /** Told after each batch. */
  onProgress: (forgotten: Forgotten) => void;
}

/** How many mails were forgotten. */
export interface Forgotten {
  /** Deleted, with all that was of them. */
  deleted: number;
  /** Left without their text. */
  emptied: number;
}

type OldMail = Pick<MailEntity, 'id' | 'taskId' | 'earlierTaskIds' | 'textRemovedAt'>;

/** One way of forgetting mails. */
interface Measure {
  count: keyof Forgotten;
  days: number;
  /** Which mails it is about, beside their age. */
  condition: string;
  /** For mails ($1) and their tasks ($2). */
  statement: string;
}

/** Some mails that were looked at. */
interface Batch {
  /** How many of them were forgotten. */
  count: number;
  /** How far it went; null: to the end. */
  end: string | null;
}

/** The text stands in the mail, and in the message of each task that sent it: in its body, and shortened in its headers. */
const EMPTY = `
  WITH tasks AS (
    UPDATE task SET body = '', envelope = '{"properties": {}, "headers": {}}'
    WHERE id = ANY($2::text[]) AND finished_at IS NOT NULL
  )
  UPDATE mail SET message = NULL, text_removed_at = now() WHERE id = ANY($1::uuid[])`;

const DELETE = `
  WITH recipients AS (DELETE FROM mail_recipient WHERE mail_id = ANY($1::uuid[])),
    events AS (DELETE FROM mail_event WHERE mail_id = ANY($1::uuid[])),
    attempts AS (DELETE FROM task_attempt WHERE task_id = ANY($2::text[])),
    tasks AS (DELETE FROM task WHERE id = ANY($2::text[]))
  DELETE FROM mail WHERE id = ANY($1::uuid[])`;

/**
 * Forgets mails that have ended: first their texts, later all of them. One that waits, is under way, or is held for a
 * decision stays as it is, however old. What was done is committed batch by batch; who begins anew goes on from there.
 */
export class MailRetention {
  private readonly measures: readonly Measure[];

  constructor(
    private readonly dataSource: DataSource,
    private readonly options: Pick<MailPeriodicOptions, 'textRetentionDays' | 'retentionDays' | 'timeZone'>,
  ) {
    const { retentionDays, textRetentionDays } = options;
    // Of one that is to be deleted, the text need not be removed before.
    this.measures = [
      { count: 'deleted' as const, days: retentionDays, condition: 'true', statement: DELETE },
      { count: 'emptied' as const, days: textRetentionDays, condition: 'text_removed_at IS NULL', statement: EMPTY },
    ].flatMap(({ days, ...measure }) => (days === null ? [] : [{ days, ...measure }]));
  }

  /** @returns what was forgotten, and whether that was all there is to forget */
  async forget({ signal, budgetMs, onProgress }: RetentionRun): Promise<Forgotten & { isDone: boolean }> {
    const stopAtMs = performance.now() + budgetMs;
    const forgotten: Forgotten = { deleted: 0, emptied: 0 };
    for (const measure of this.measures) {
      const endedBefore = await this.timeBefore(measure.days);
      for (let cursor: string | null = FIRST_ID; cursor !== null;) {
        signal.throwIfAborted();
        if (performance.now() > stopAtMs) return { ...forgotten, isDone: false };
        const batch: Batch = await this.takeBatch(measure, endedBefore, cursor);
        forgotten[measure.count] += batch.count;
        onProgress(forgotten);
        cursor = batch.end;
      }
    }
    return { ...forgotten, isDone: true };
  }

  /** What the next digest is about stays in any case. */
  private async timeBefore(days: number): Promise<Date> {
    const { now, yesterday } = await readCalendar(this.dataSource, this.options.timeZone);
    return new Date(Math.min(now.getTime() - days * DAY_MS, yesterday.from.getTime()));
  }

  /** One that somebody is deciding on is passed over. */
  private takeBatch({ condition, statement }: Measure, endedBefore: Date, cursor: string): Promise<Batch> {
    return this.dataSource.transaction(async (manager) => {
      const mails: OldMail[] = await manager.query(
        `SELECT id, task_id AS "taskId", earlier_task_ids AS "earlierTaskIds", text_removed_at AS "textRemovedAt"
         FROM mail WHERE id > $1 AND id < $2 AND ${condition} ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED`,
        [cursor, idAt(endedBefore), BATCH],
      );
      const facts = await readFacts(manager, mails, 'for states');
      const over = facts.filter((fact) => hasEnded(fact, endedBefore)).map(({ mail }) => mail);
      await forgetAll(manager, statement, over);
      return { count: over.length, end: mails.length < BATCH ? null : (mails.at(-1)?.id ?? null) };
    });
  }
}

async function forgetAll(manager: EntityManager, statement: string, mails: readonly OldMail[]): Promise<void> {
  if (mails.length === 0) return;
  const taskIds = mails.flatMap(({ taskId, earlierTaskIds }) => [taskId, ...earlierTaskIds]);
  await manager.query(statement, [mails.map(({ id }) => id), taskIds]);
}

/** Whether nothing is to come of a mail, and nothing has happened to it since then. */
function hasEnded(facts: MailFacts, before: Date): boolean {
  const { state, settled } = mailStatus(facts);
  if (!settled || state === 'uncertain' || (facts.task !== null && facts.task.finishedAt === null)) return false;
  const times = [facts.task?.finishedAt, ...facts.recipients.map(({ answeredAt }) => answeredAt)];
  return times.every((time) => time === undefined || time === null || time < before);
}
