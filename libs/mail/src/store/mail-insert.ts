import type { EntityManager } from 'typeorm';
import type { MailForm } from '../contract/mail-form.js';
import type { MailEntity } from './entities/mail.entity.js';

/** A mail that is there, as far as it says whether another one is the same. */
export type KnownMail = Pick<MailEntity, 'id' | 'idempotencyKey' | 'createdAt'> & { contentHash: Buffer | null };

/** A mail that is to be written. */
export interface NewMail extends KnownMail {
  contentHash: Buffer;
  taskId: string;
  form: MailForm;
  /** It is left out when a mail with the same content was accepted since then; null: it is written in any case. */
  unlessSince: Date | null;
}

/** @returns those of the mails that were written: whose key was not there, nor, since `unlessSince`, their content */
export async function insertMails(manager: EntityManager, mails: NewMail[]): Promise<NewMail[]> {
  // The look for the same content is a scalar subquery on purpose: it is one probe of an index for each new mail,
  // whatever the planner thinks of the table. In the order of the keys, so that two processes that write the same keys
  // do not wait for each other.
  const inserted: Array<{ id: string }> = await manager.query(
    `INSERT INTO mail (id, task_id, idempotency_key, content_hash, subject, message, created_at)
     SELECT id, task_id, idempotency_key, content_hash, subject, message, created_at
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::timestamptz[],
                 $8::timestamptz[])
       AS input(id, task_id, idempotency_key, content_hash, subject, message, created_at, unless_since)
     WHERE unless_since IS NULL OR (
       SELECT mail.id FROM mail
       WHERE mail.content_hash = input.content_hash AND mail.created_at > input.unless_since
         AND mail.idempotency_key <> input.idempotency_key
       LIMIT 1) IS NULL
     ORDER BY idempotency_key
     ON CONFLICT (idempotency_key) DO NOTHING
     RETURNING id`,
    [
      mails.map(({ id }) => id),
      mails.map(({ taskId }) => taskId),
      mails.map(({ idempotencyKey }) => idempotencyKey),
      mails.map(({ contentHash }) => contentHash),
      mails.map(({ form }) => form.subject),
      mails.map(({ form }) => form.msg),
      mails.map(({ createdAt }) => createdAt),
      mails.map(({ unlessSince }) => unlessSince),
    ],
  );
  const ids = new Set(inserted.map(({ id }) => id));
  const fresh = mails.filter(({ id }) => ids.has(id));
  await insertRecipients(manager, fresh);
  return fresh;
}

async function insertRecipients(manager: EntityManager, mails: NewMail[]): Promise<void> {
  const recipients = mails.flatMap(({ id, form }) =>
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
}

/** The mails that have the key, or lately the content, of one of these; newest first. */
export async function findAccepted(manager: EntityManager, mails: NewMail[]): Promise<KnownMail[]> {
  const guarded = mails.filter(({ unlessSince }) => unlessSince !== null);
  const since = Math.min(...guarded.map(({ unlessSince }) => Number(unlessSince)), Date.now());
  const rows: Array<{ id: string; idempotency_key: string; content_hash: Buffer | null; created_at: Date }> =
    await manager.query(
      `SELECT id, idempotency_key, content_hash, created_at FROM mail
       WHERE idempotency_key = ANY($1::text[]) OR (content_hash = ANY($2::bytea[]) AND created_at > $3)
       ORDER BY created_at DESC`,
      [
        mails.map(({ idempotencyKey }) => idempotencyKey),
        guarded.map(({ contentHash }) => contentHash),
        new Date(since),
      ],
    );
  return rows.map((row) => ({
    id: row.id,
    idempotencyKey: row.idempotency_key,
    contentHash: row.content_hash,
    createdAt: row.created_at,
  }));
}
