import { Injectable } from '@nestjs/common';
import { TaskAttemptEntity, TaskEntity } from '@celeriac/tasks';
import { DataSource, In } from 'typeorm';
import { MailRecipientEntity } from './entities/mail-recipient.entity.js';
import { MailEntity } from './entities/mail.entity.js';

/** All that is known of a mail. */
export interface MailRecord {
  mail: MailEntity;
  /** In the order the user gave. */
  recipients: MailRecipientEntity[];
  /** Without the message's bytes. Null when the retention has taken it. */
  task: TaskProgress | null;
  /** Oldest first. */
  attempts: TaskAttemptEntity[];
}

/** What of a task says how far a mail is. */
export type TaskProgress = Pick<
  TaskEntity,
  'id' | 'state' | 'waitReason' | 'dueAt' | 'retries' | 'attempt' | 'error' | 'startedAt' | 'finishedAt'
>;

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
  constructor(private readonly dataSource: DataSource) {}

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

  /** @returns the addresses of a mail that no server has decided on yet; null for a mail that has no rows here */
  async openRecipients(mailId: string): Promise<string[] | null> {
    const rows: Array<{ address: string; verdict: string | null }> = await this.dataSource.query(
      `SELECT address, verdict FROM mail_recipient WHERE mail_id = $1 ORDER BY position`,
      [mailId],
    );
    if (rows.length === 0) return null;
    return rows.filter(({ verdict }) => verdict === null).map(({ address }) => address);
  }

  /** A text for each mail that changes whenever anything of it does; one query for all of them. */
  async fingerprints(ids: readonly string[]): Promise<Map<string, string>> {
    const rows: Array<{ id: string; fingerprint: string }> = await this.dataSource.query(
      `SELECT mail.id, concat_ws(' ', task.state, task.attempt, task.generation, task.wait_reason, task.due_at,
              (SELECT count(verdict) FROM mail_recipient WHERE mail_recipient.mail_id = mail.id)) AS fingerprint
       FROM mail LEFT JOIN task ON task.id = mail.task_id
       WHERE mail.id = ANY($1::uuid[])`,
      [ids],
    );
    return new Map(rows.map(({ id, fingerprint }) => [id, fingerprint]));
  }

  private async withProgress(mails: MailEntity[]): Promise<MailRecord[]> {
    if (mails.length === 0) return [];
    const taskIds = mails.map(({ taskId }) => taskId);
    const { manager } = this.dataSource;
    // The tasks first: a task that is seen to have ended wrote its verdicts in the same commit, so they are seen too.
    // The other way round a mail that is just being settled would look as if nobody had decided on it.
    const tasks = await manager.find(TaskEntity, { select: PROGRESS, where: { id: In(taskIds) } });
    const [recipients, attempts] = await Promise.all([
      manager.find(MailRecipientEntity, {
        where: { mailId: In(mails.map(({ id }) => id)) },
        order: { position: 'ASC' },
      }),
      manager.find(TaskAttemptEntity, { where: { taskId: In(taskIds) }, order: { number: 'ASC' } }),
    ]);
    return mails.map((mail) => ({
      mail,
      recipients: recipients.filter(({ mailId }) => mailId === mail.id),
      task: tasks.find(({ id }) => id === mail.taskId) ?? null,
      attempts: attempts.filter(({ taskId }) => taskId === mail.taskId),
    }));
  }
}
