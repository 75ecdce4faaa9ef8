import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  MailAcceptor,
  MailActionRefusedError,
  MailBook,
  MailDecisions,
  MailNotFoundError,
  mailStatus,
  type MailState,
} from '@celeriac/mail';
import type { TaskState } from '@celeriac/tasks';
import type { TestingModule } from '@nestjs/testing';
import { startMailModule } from '../fixtures/mail-module.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

type Decision = 'resend' | 'cancel' | 'confirmArrived';

describe('what people decide about a mail', () => {
  let database: TaskDatabase;
  let app: TestingModule;
  let decisions: MailDecisions;

  beforeAll(async () => {
    database = await createTaskDatabase();
    app = await startMailModule(database.url);
    decisions = app.get(MailDecisions);
  });

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  /** A mail whose task and recipients are as a worker would have left them. */
  async function mail(state: TaskState, verdicts: Array<string | null>): Promise<string> {
    const email = verdicts.map((_, n) => `user${n}@example.com`);
    const form = { email, subject: 'Hello', msg: randomUUID() };
    const { id } = await app.get(MailAcceptor).acceptRequest(form);
    await query(`UPDATE task SET state = $2 FROM mail WHERE mail.id = $1 AND task.id = mail.task_id`, id, state);
    await query(`DELETE FROM outbox USING mail WHERE mail.id = $1 AND outbox.task_id = mail.task_id`, id);
    for (const [position, verdict] of verdicts.entries()) {
      await query(
        `UPDATE mail_recipient SET verdict = $3, reply = $3, answered_at = now() WHERE mail_id = $1 AND position = $2`,
        id,
        position,
        verdict,
      );
    }
    return id;
  }

  async function query<Row>(sql: string, ...values: unknown[]): Promise<Row[]> {
    return (await database.dataSource.query(sql, values)) as Row[];
  }

  async function states(id: string): Promise<MailState[]> {
    const record = await app.get(MailBook).find(id);
    return record === null ? [] : mailStatus(record).recipients.map(({ state }) => state);
  }

  it.each<[task: TaskState, verdicts: Array<string | null>, decision: Decision, after: MailState[]]>([
    ['FAILURE', ['uncertain'], 'resend', ['queued']],
    ['FAILURE', ['accepted', 'uncertain', 'refused', null], 'resend', ['sent', 'queued', 'queued', 'queued']],
    ['REVOKED', [null], 'resend', ['queued']],
    ['FAILURE', ['uncertain', 'accepted', 'refused'], 'confirmArrived', ['arrived', 'sent', 'refused']],
    ['PENDING', [null], 'cancel', ['canceled']],
    ['RETRY', ['accepted', null], 'cancel', ['sent', 'canceled']],
  ])('%s with %j: %s', async (task, verdicts, decision, after) => {
    const id = await mail(task, verdicts);
    await decisions[decision](id);
    expect(await states(id)).toEqual(after);
  });

  it.each<[task: TaskState, verdicts: Array<string | null>, decision: Decision, words: RegExp]>([
    ['SUCCESS', ['accepted'], 'resend', /has been sent/],
    ['FAILURE', ['arrived'], 'resend', /has been sent/],
    ['PENDING', [null], 'resend', /on its way/],
    ['STARTED', [null], 'resend', /on its way/],
    ['FAILURE', ['refused'], 'confirmArrived', /nobody knows/],
    ['STARTED', [null], 'cancel', /too late/],
    ['SUCCESS', ['accepted'], 'cancel', /does not wait/],
  ])('%s with %j: no %s', async (task, verdicts, decision, words) => {
    const id = await mail(task, verdicts);
    const before = await states(id);
    await expect(decisions[decision](id)).rejects.toThrow(MailActionRefusedError);
    await expect(decisions[decision](id)).rejects.toThrow(words);
    expect(await states(id)).toEqual(before);
  });

  it.each<Decision>(['resend', 'cancel', 'confirmArrived'])('of an id that nobody knows: no %s', async (decision) => {
    await expect(decisions[decision](randomUUID())).rejects.toThrow(MailNotFoundError);
  });

  it('is either sent again or has arrived, whoever of two comes first', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => mail('FAILURE', ['uncertain'])));
    for (const id of ids) {
      const results = await Promise.allSettled([decisions.resend(id), decisions.confirmArrived(id)]);
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    }
  });

  it.each<Decision>(['resend', 'cancel', 'confirmArrived'])('is on the mail that was seen: %s', async (decision) => {
    const id = await mail('FAILURE', ['uncertain']);
    await decisions.resend(id, 0);
    const [task, verdict] = decision === 'cancel' ? ['PENDING', null] : ['FAILURE', 'uncertain'];
    await query(`UPDATE task SET state = $2 FROM mail WHERE mail.id = $1 AND task.id = mail.task_id`, id, task);
    await query(`UPDATE mail_recipient SET verdict = $2 WHERE mail_id = $1`, id, verdict);
    const before = await states(id);
    await expect(decisions[decision](id, 0)).rejects.toMatchObject({ name: 'MailSentAgainError', resends: 1 });
    expect(await states(id)).toEqual(before);
    await decisions[decision](id, 1);
    expect(await states(id)).not.toEqual(before);
  });

  it('changes the fingerprint of a mail that is sent again, also when it ends as before', async () => {
    const id = await mail('FAILURE', [null]);
    const book = app.get(MailBook);
    const before = (await book.fingerprints([id])).get(id);
    await decisions.resend(id);
    await query(`UPDATE task SET state = 'FAILURE' FROM mail WHERE mail.id = $1 AND task.id = mail.task_id`, id);
    expect((await book.fingerprints([id])).get(id)).not.toBe(before);
  });

  it('is not sent again twice for who does not say what he has seen', async () => {
    const id = await mail('REVOKED', [null]);
    await decisions.resend(id);
    await decisions.cancel(id);
    await expect(decisions.resend(id)).rejects.toThrow(/sent again meanwhile/);
    await decisions.resend(id, 1);
  });

  it('is sent again once, by a new task, to those who do not have it', async () => {
    const id = await mail('FAILURE', ['accepted', 'uncertain', 'refused']);
    const results = await Promise.allSettled([decisions.resend(id), decisions.resend(id), decisions.resend(id)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
    const rows = await query<{ earlier: number; body: Buffer }>(
      `SELECT cardinality(mail.earlier_task_ids) AS earlier, task.body
       FROM mail JOIN task ON task.id = mail.task_id WHERE mail.id = $1`,
      id,
    );
    expect(rows).toMatchObject([{ earlier: 1 }]);
    const [, input] = JSON.parse(rows[0]?.body.toString() ?? '') as [unknown, { mailId: string; to: string[] }];
    expect(input).toMatchObject({ mailId: id, to: ['user1@example.com', 'user2@example.com'] });
  });
});
