import { Injectable } from '@nestjs/common';
import { TaskClient, type TaskState } from '@celeriac/tasks';
import { DataSource, In } from 'typeorm';
import type { MailRecord } from '../status/mail-record.js';
import { waitingOf, type Waiting } from '../status/waiting.js';
import { MailEntity } from './entities/mail.entity.js';
import { inOneSnapshot, readFacts } from './mail-facts.js';
import { MailServerTrouble } from './mail-server-trouble.js';

/** Reads mails and what became of them. */
@Injectable()
export class MailBook {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tasks: TaskClient,
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
    const facts = await inOneSnapshot(this.dataSource, async (manager) => {
      const mails = await manager.find(MailEntity, { where: { id: In([...ids]) }, order: { id: 'DESC' } });
      return readFacts(manager, mails, 'with words');
    });
    const openTasks = facts.flatMap(({ task }) => (task !== null && isOpen(task.state) ? [task.id] : []));
    const waiting = await this.waitingTasks(openTasks);
    return facts.map((fact) => ({ ...fact, waiting: waiting.get(fact.mail.taskId) ?? null }));
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

  /**
   * A text for each mail that changes whenever anything of it does, but for why it waits; one query by key for all.
   */
  async fingerprints(ids: readonly string[]): Promise<Map<string, string>> {
    const rows: Array<{ id: string; fingerprint: string }> = await this.dataSource.query(
      `SELECT mail.id,
              concat_ws(' ', task.state, task.attempt, task.generation, task.wait_reason, task.due_at,
                (SELECT concat(count(verdict), max(answered_at)) FROM mail_recipient
                 WHERE mail_recipient.mail_id = mail.id)) AS fingerprint
       FROM mail LEFT JOIN task ON task.id = mail.task_id
       WHERE mail.id = ANY($1::uuid[])`,
      [ids],
    );
    return new Map(rows.map(({ id, fingerprint }) => [id, fingerprint]));
  }

  /**
   * Why mails wait, or null; an entry for each that has not ended, by its id. To find that out takes much more than
   * `fingerprints`.
   */
  async waiting(ids: readonly string[]): Promise<Map<string, Waiting | null>> {
    const rows: Array<{ id: string; taskId: string }> = await this.dataSource.query(
      `SELECT mail.id, task.id AS "taskId" FROM mail JOIN task ON task.id = mail.task_id
       WHERE mail.id = ANY($1::uuid[]) AND task.state IN ('PENDING', 'RETRY', 'STARTED')`,
      [ids],
    );
    const waiting = await this.waitingTasks(rows.map(({ taskId }) => taskId));
    return new Map(
      rows.flatMap(({ id, taskId }) => {
        const reason = waiting.get(taskId);
        return reason === undefined ? [] : [[id, reason] as const];
      }),
    );
  }

  private async waitingTasks(taskIds: string[]): Promise<Map<string, Waiting | null>> {
    const explanations = await this.tasks.explain(taskIds);
    const isSnoozed = [...explanations.values()].some(({ reason }) => reason === 'snoozed');
    const trouble = isSnoozed ? await this.trouble.current() : null;
    return new Map([...explanations].map(([taskId, explanation]) => [taskId, waitingOf(explanation, trouble)]));
  }
}

function isOpen(state: TaskState): boolean {
  return state === 'PENDING' || state === 'RETRY' || state === 'STARTED';
}
