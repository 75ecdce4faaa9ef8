import { Injectable } from '@nestjs/common';
import { TaskAttemptEntity, TaskEntity, TaskWaits } from '@celeriac/tasks';
import { DataSource, In } from 'typeorm';
import { MailRecipientEntity } from './entities/mail-recipient.entity.js';
import { waitingOf, type Waiting } from '../status/waiting.js';
import { MailEntity } from './entities/mail.entity.js';
import { MailServerTrouble } from './mail-server-trouble.js';

/** All that is known of a mail. */
export interface MailRecord {
  mail: MailEntity;
  /** In the order the user gave. */
  recipients: MailRecipientEntity[];
  /** Without the message's bytes. Null when the retention has taken it. */
  task: TaskProgress | null;
  /** Over all sendings of the mail, oldest first. */
  attempts: TaskAttemptEntity[];
  /** Why it is not being sent; null when it does not wait, or for a time alone. */
  waiting: Waiting | null;
}

/** What of a task says how far a mail is. */
export type TaskProgress = Pick<
  TaskEntity,
  'id' | 'state' | 'waitReason' | 'dueAt' | 'retries' | 'attempt' | 'error' | 'startedAt' | 'finishedAt'
>;

/** A place in the history: the mails before it, or after it. */
export interface HistoryPage {
  records: MailRecord[];
  /** The id to ask for older mails with; null when there are none. */
  olderThan: string | null;
  /** The id to ask for newer mails with; null when there are none. */
  newerThan: string | null;
}

const PROGRESS = {
  id: true,
  state: true,
  waitReason: true,
  dueAt: true,
  retries: true,
  attempt: true,
  error: true,
  startedAt: true,
  finishedAt: true,
} as const;

/** Reads mails and what became of them. */
@Injectable()
export class MailBook {
  constructor(
    private readonly dataSource: DataSource,
    private readonly waits: TaskWaits,
    private readonly trouble: MailServerTrouble,
  ) {}

  /** @returns the mail, or null when there is none with this id */
  async find(id: string): Promise<MailRecord | null> {
    const [record] = await this.findAll([id]);
    return record ?? null;
  }

  /** @returns those mails that exist, newest first; a few queries however many they are */
  async findAll(ids: readonly string[]): Promise<MailRecord[]> {
    if (ids.length === 0) return [];
    const mails = await this.dataSource.manager.find(MailEntity, {
      where: { id: In([...ids]) },
      order: { id: 'DESC' },
    });
    return this.withProgress(mails);
  }

  /**
   * A page of the history, newest first. Pages are cut by key, so that new mails do not shift them.
   *
   * @param from - `olderThan` or `newerThan` of another page; none for the newest mails
   */
  async history(limit: number, from: { olderThan?: string; newerThan?: string } = {}): Promise<HistoryPage> {
    const query = this.dataSource.manager.createQueryBuilder(MailEntity, 'mail').take(limit + 1);
    const forwards = from.newerThan !== undefined;
    if (from.newerThan !== undefined) query.where('mail.id > :id', { id: from.newerThan }).orderBy('mail.id', 'ASC');
    else {
      query.orderBy('mail.id', 'DESC');
      if (from.olderThan !== undefined) query.where('mail.id < :id', { id: from.olderThan });
    }
    const found = await query.getMany();
    const more = found.length > limit;
    const mails = found.slice(0, limit);
    if (forwards) mails.reverse();
    const atEnd = { older: forwards ? true : more, newer: forwards ? more : from.olderThan !== undefined };
    return {
      records: await this.withProgress(mails),
      olderThan: atEnd.older ? (mails.at(-1)?.id ?? null) : null,
      newerThan: atEnd.newer ? (mails[0]?.id ?? null) : null,
    };
  }

  /** @returns the addresses of a mail that no server has decided on yet; null for a mail that has no rows here */
  async openRecipients(mailId: string): Promise<string[] | null> {
    const rows: Array<{ address: string; verdict: string | null }> = await this.dataSource.query(
      `SELECT address, verdict FROM mail_recipient WHERE mail_id = $1 ORDER BY position`,
      [mailId],
    );
    if (rows.length === 0) return null;
    return rows.filter(({ verdict }) => verdict === null).map(({ address }) => address);
  }

  /** A text for each mail that changes whenever anything of it does; a few queries for all of them. */
  async fingerprints(ids: readonly string[]): Promise<Map<string, string>> {
    const rows: Array<{ id: string; taskId: string; state: string | null; fingerprint: string }> =
      await this.dataSource.query(
        `SELECT mail.id, mail.task_id AS "taskId", task.state,
                concat_ws(' ', task.state, task.attempt, task.generation, task.wait_reason, task.due_at,
                  (SELECT concat(count(verdict), max(answered_at)) FROM mail_recipient
                   WHERE mail_recipient.mail_id = mail.id)) AS fingerprint
         FROM mail LEFT JOIN task ON task.id = mail.task_id
         WHERE mail.id = ANY($1::uuid[])`,
        [ids],
      );
    const waiting = await this.waiting(rows.filter(({ state }) => isWaiting(state)).map(({ taskId }) => taskId));
    return new Map(
      rows.map(({ id, taskId, fingerprint }) => [id, `${fingerprint} ${JSON.stringify(waiting.get(taskId))}`]),
    );
  }

  private async withProgress(mails: MailEntity[]): Promise<MailRecord[]> {
    if (mails.length === 0) return [];
    const taskIds = mails.map(({ taskId }) => taskId);
    const { manager } = this.dataSource;
    // The tasks first: a task that is seen to have ended wrote its verdicts in the same commit, so they are seen too.
    // The other way round a mail that is just being settled would look as if nobody had decided on it.
    const tasks = await manager.find(TaskEntity, { select: PROGRESS, where: { id: In(taskIds) } });
    const [recipients, attempts, waiting] = await Promise.all([
      manager.find(MailRecipientEntity, {
        where: { mailId: In(mails.map(({ id }) => id)) },
        order: { position: 'ASC' },
      }),
      this.attempts(mails),
      this.waiting(tasks.filter(({ state }) => isWaiting(state)).map(({ id }) => id)),
    ]);
    return mails.map((mail) => ({
      mail,
      recipients: recipients.filter(({ mailId }) => mailId === mail.id),
      task: tasks.find(({ id }) => id === mail.taskId) ?? null,
      attempts: attempts.filter(({ taskId }) => tasksOf(mail).includes(taskId)),
      waiting: waiting.get(mail.taskId) ?? null,
    }));
  }

  private attempts(mails: MailEntity[]): Promise<TaskAttemptEntity[]> {
    return this.dataSource.manager
      .createQueryBuilder(TaskAttemptEntity, 'attempt')
      .where('attempt.taskId IN (:...taskIds)', { taskIds: mails.flatMap(tasksOf) })
      .orderBy('attempt.startedAt', 'ASC')
      .addOrderBy('attempt.number', 'ASC')
      .getMany();
  }

  private async waiting(taskIds: string[]): Promise<Map<string, Waiting | null>> {
    const waits = await this.waits.find(taskIds);
    const isSnoozed = [...waits.values()].some(({ reason }) => reason === 'snoozed');
    const trouble = isSnoozed ? await this.trouble.current() : null;
    return new Map([...waits].map(([taskId, wait]) => [taskId, waitingOf(wait, trouble)]));
  }
}

function tasksOf({ earlierTaskIds, taskId }: MailEntity): string[] {
  return [...earlierTaskIds, taskId];
}

function isWaiting(state: string | null): boolean {
  return state === 'PENDING' || state === 'RETRY';
}
