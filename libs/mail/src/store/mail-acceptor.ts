import { createHash, randomUUID } from 'node:crypto';
import { Injectable, Optional } from '@nestjs/common';
import { NaturalBatch, TaskClient } from '@celeriac/tasks';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { MailForm } from '../contract/mail-form.js';
import { sendEmail } from '../contract/send-email.js';
import type { MailFact } from '../events/mail-event.js';
import { MailEvents } from '../events/mail-events.js';
import { DuplicateMailError, IdempotencyKeyReusedError } from './mail-accept-errors.js';
import { findAccepted, insertMails, type KnownMail, type NewMail } from './mail-insert.js';

/** For how long the same mail from another form is taken for a mistake. */
const DUPLICATE_WINDOW_MS = 120_000;

/** How the keys of the app's own mails begin: its digests and reminders. No form's key has a colon. */
export const OWN_KEYS = 'own:';
/** How the keys of what programs ask for begin. */
const REQUEST_KEYS = 'api:';

/** A mail that was accepted, now or before under the same key. */
export interface AcceptedMail {
  id: string;
  /** Accepted by this call. */
  fresh: boolean;
}

interface Answer extends KnownMail {
  fresh: boolean;
}

/**
 * Accepts mails: the mail, its recipients, its task and the message that starts it are written in one transaction.
 * Mails that come at the same time share one, so a commit is paid once for all of them.
 */
@Injectable()
export class MailAcceptor {
  private readonly batch: NaturalBatch<NewMail, Answer>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly tasks: TaskClient,
    @Optional() private readonly events?: MailEvents,
  ) {
    this.batch = new NaturalBatch({ whenAway: 'throw', flush: (mails) => this.write(mails) });
  }

  /**
   * Accepts what was written into a form. Resolves when the mail has been committed.
   *
   * @param formKey - the form's one-time key: the same key with the same content is the same mail, so a double click,
   * or a second try after an answer that never came, sends nothing twice
   * @param again - the writer knows that he has just sent the same
   * @throws {@link DuplicateMailError} when the same was accepted under another key a moment ago
   * @throws the store's error when it cannot be written now; see `isStoreAway`
   */
  async acceptForm(form: MailForm, formKey: string, again: boolean): Promise<AcceptedMail> {
    // With the content in the key a form that was sent, changed and sent once more makes two mails.
    const key = createHash('sha256')
      .update(JSON.stringify([formKey, form]))
      .digest('base64url');
    const mail = newMail(form, key, !again);
    const answer = await this.batch.add(mail);
    if (answer.idempotencyKey !== key) throw new DuplicateMailError(answer.id, answer.createdAt);
    return answer;
  }

  /**
   * Accepts what a program asks for. Resolves when the mail has been committed.
   *
   * @param idempotencyKey - the same key is the same mail; without one each call is a mail
   * @throws {@link IdempotencyKeyReusedError} when another mail was accepted under the key
   * @throws the store's error when it cannot be written now; see `isStoreAway`
   */
  async acceptRequest(form: MailForm, idempotencyKey: string = randomUUID()): Promise<AcceptedMail> {
    const mail = newMail(form, `${REQUEST_KEYS}${idempotencyKey}`, false);
    const answer = await this.batch.add(mail);
    if (!hasSameContent(answer, mail)) throw new IdempotencyKeyReusedError(answer.id);
    return answer;
  }

  /**
   * Accepts what a task of ours asks for. Resolves when the mail has been committed.
   *
   * @param idempotencyKey - begins with a word and a colon; the same key is the same mail, whatever it says by then
   * @throws the store's error when it cannot be written now; see `isStoreAway`
   */
  async acceptOfTask(form: MailForm, idempotencyKey: string): Promise<AcceptedMail> {
    return this.batch.add(newMail(form, idempotencyKey, false));
  }

  private async write(mails: NewMail[]): Promise<Answer[]> {
    return this.dataSource.transaction(async (manager) => {
      const fresh = new Set(await insertMails(manager, withoutTwins(mails)));
      await this.enqueue(manager, [...fresh]);
      await this.events?.publish(manager, [...fresh].map(acceptedFact));
      const others = mails.filter((mail) => !fresh.has(mail));
      const accepted = others.length === 0 ? [] : [...fresh, ...(await findAccepted(manager, others))];
      return mails.map((mail) => (fresh.has(mail) ? { ...mail, fresh: true } : earlierMail(mail, accepted)));
    });
  }

  private async enqueue(manager: EntityManager, mails: NewMail[]): Promise<void> {
    const calls = mails.map(({ id, taskId, form, createdAt }) => ({
      taskId,
      input: {
        mailId: id,
        to: form.email,
        subject: form.subject,
        message: form.msg,
        acceptedAt: createdAt.toISOString(),
      },
    }));
    await this.tasks.within(manager).enqueueMany(sendEmail, calls);
  }
}

function newMail(form: MailForm, idempotencyKey: string, isGuarded: boolean): NewMail {
  const createdAt = new Date();
  const content = JSON.stringify([form.email.toSorted(), form.subject, form.msg]);
  return {
    // The time in the id is the mail's time, so that one stands for the other in a search.
    id: uuidv7({ msecs: createdAt.getTime() }),
    taskId: uuidv7(),
    idempotencyKey,
    contentHash: createHash('sha256').update(content).digest(),
    form,
    createdAt,
    unlessSince: isGuarded ? new Date(createdAt.getTime() - DUPLICATE_WINDOW_MS) : null,
  };
}

function acceptedFact({ id: mailId, form }: NewMail): MailFact {
  return { type: 'mail.accepted', mailId, recipients: form.email.map((address) => ({ address, reply: null })) };
}

/** Mails of one batch do not see each other in the database: of guarded ones with the same content the first goes. */
function withoutTwins(mails: NewMail[]): NewMail[] {
  const firsts = new Map<string, NewMail>();
  return mails.filter((mail) => {
    if (mail.unlessSince === null) return true;
    const content = mail.contentHash.toString('base64');
    const first = firsts.get(content) ?? mail;
    firsts.set(content, first);
    return first.idempotencyKey === mail.idempotencyKey;
  });
}

/** The mail that has its key; or, of a guarded one, the mail that has its content. */
function earlierMail(mail: NewMail, accepted: KnownMail[]): Answer {
  const earlier =
    accepted.find(({ idempotencyKey }) => idempotencyKey === mail.idempotencyKey) ??
    accepted.find((other) => hasSameContent(other, mail));
  // It was not written because such a mail is there, and mails are not deleted while they are new.
  if (earlier === undefined) throw new Error(`Mail ${mail.id} was neither written nor there already.`);
  return { ...earlier, fresh: false };
}

function hasSameContent(one: KnownMail, other: KnownMail): boolean {
  return one.contentHash !== null && other.contentHash !== null && one.contentHash.equals(other.contentHash);
}
