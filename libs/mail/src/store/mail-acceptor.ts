import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { NaturalBatch, TaskClient } from '@celeriac/tasks';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { MailForm } from '../contract/mail-form.js';
import { sendEmail } from '../contract/send-email.js';

/** A mail that was accepted, now or before under the same key. */
export interface AcceptedMail {
  id: string;
}

interface NewMail {
  id: string;
  taskId: string;
  idempotencyKey: string;
  form: MailForm;
  acceptedAt: Date;
}

/**
 * Accepts mails: the mail, its recipients, its task and the message that starts it are written in one transaction.
 * Forms that come at the same time share one, so a commit is paid once for all of them.
 */
@Injectable()
export class MailAcceptor {
  private readonly batch: NaturalBatch<NewMail, AcceptedMail>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly tasks: TaskClient,
  ) {
    this.batch = new NaturalBatch({ whenAway: 'throw', flush: (mails) => this.write(mails) });
  }

  /**
   * Resolves when the mail has been committed.
   *
   * @param formKey - the form's one-time key: the same key with the same content is the same mail, so a double click,
   * or a second try after an answer that never came, sends nothing twice
   * @throws the store's error when it cannot be written now; see `isStoreAway`
   */
  async accept(form: MailForm, formKey: string): Promise<AcceptedMail> {
    const idempotencyKey = keyOf(form, formKey);
    return this.batch.add({ id: uuidv7(), taskId: uuidv7(), idempotencyKey, form, acceptedAt: new Date() });
  }

  private async write(mails: NewMail[]): Promise<AcceptedMail[]> {
    return this.dataSource.transaction(async (manager) => {
      const fresh = await insertMails(manager, mails);
      const calls = fresh.map(({ id, taskId, form, acceptedAt }) => ({
        taskId,
        input: {
          mailId: id,
          to: form.email,
          subject: form.subject,
          message: form.msg,
          acceptedAt: acceptedAt.toISOString(),
        },
      }));
      await this.tasks.within(manager).enqueueMany(sendEmail, calls);
      return idsByKey(manager, mails, fresh);
    });
  }
}

/** @returns those of the mails whose key was not there yet */
async function insertMails(manager: EntityManager, mails: NewMail[]): Promise<NewMail[]> {
  const inserted: Array<{ id: string }> = await manager.query(
    `INSERT INTO mail (id, task_id, idempotency_key, subject, message, created_at)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
     ON CONFLICT (idempotency_key) DO NOTHING
     RETURNING id`,
    [
      mails.map(({ id }) => id),
      mails.map(({ taskId }) => taskId),
      mails.map(({ idempotencyKey }) => idempotencyKey),
      mails.map(({ form }) => form.subject),
      mails.map(({ form }) => form.msg),
      mails.map(({ acceptedAt }) => acceptedAt),
    ],
  );
  const ids = new Set(inserted.map(({ id }) => id));
  const fresh = mails.filter(({ id }) => ids.has(id));
  const recipients = fresh.flatMap(({ id, form }) =>
    form.email.map((address, position) => ({ id, position, address })),
  );
  await manager.query(
    `INSERT INTO mail_recipient (mail_id, position, address) SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[])`,
    [
      recipients.map(({ id }) => id),
      recipients.map(({ position }) => position),
      recipients.map(({ address }) => address),
    ],
  );
  return fresh;
}

/** The ids under the mails' keys: their own, or that of the mail which had the key first. */
async function idsByKey(manager: EntityManager, mails: NewMail[], fresh: NewMail[]): Promise<AcceptedMail[]> {
  const ids = new Map(fresh.map(({ idempotencyKey, id }) => [idempotencyKey, id]));
  const known = mails.map(({ idempotencyKey }) => idempotencyKey).filter((key) => !ids.has(key));
  if (known.length > 0) {
    const rows: Array<{ id: string; idempotency_key: string }> = await manager.query(
      `SELECT id, idempotency_key FROM mail WHERE idempotency_key = ANY($1::text[])`,
      [known],
    );
    for (const row of rows) ids.set(row.idempotency_key, row.id);
  }
  return mails.map(({ idempotencyKey }) => ({ id: ids.get(idempotencyKey) as string }));
}

function keyOf(form: MailForm, formKey: string): string {
  return createHash('sha256')
    .update(JSON.stringify([formKey, form]))
    .digest('base64url');
}
