import { Injectable, Optional } from '@nestjs/common';
import { TaskClient } from '@celeriac/tasks';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { sendEmail } from '../contract/send-email.js';
import type { MailEventType } from '../events/mail-event.js';
import { MailEvents } from '../events/mail-events.js';
import type { MailRecord } from '../status/mail-record.js';
import {
  mailStatus,
  type MailAction,
  type MailState,
  type MailStatus,
  type RecipientStatus,
} from '../status/mail-status.js';
import { MailEntity } from './entities/mail.entity.js';
import { MailBook } from './mail-book.js';
import { readFacts } from './mail-facts.js';

/** There is no mail with this id. */
export class MailNotFoundError extends Error {
  override readonly name = 'MailNotFoundError';

  constructor(readonly mailId: string) {
    super(`There is no mail ${mailId}.`);
  }
}

/** What was asked for does not fit the mail's state. The message is for the user. */
export class MailActionRefusedError extends Error {
  override readonly name = 'MailActionRefusedError';

  constructor(
    readonly mailId: string,
    readonly action: MailAction,
    readonly state: MailState,
    /** Whether the mail's text is there still. */
    readonly hasText = true,
  ) {
    super(REFUSALS[action](state, hasText));
  }
}

/** Somebody else has had the mail sent again since it was looked at. The message is for the user. */
export class MailSentAgainError extends Error {
  override readonly name = 'MailSentAgainError';

  constructor(
    readonly mailId: string,
    /** How often it has been sent again by now. */
    readonly resends: number,
  ) {
    super('It has been sent again meanwhile. Look at it as it is now, and decide anew.');
  }
}

const REFUSALS: Record<MailAction, (state: MailState, hasText: boolean) => string> = {
  resend: (state, hasText) => {
    if (state === 'sent' || state === 'arrived') return 'The mail has been sent. Write a new one to send it once more.';
    return hasText ? 'The mail is on its way already.' : 'The text of the mail was removed. Write a new one.';
  },
  cancel: (state) =>
    state === 'sending' ? 'The mail is being sent just now: it is too late.' : 'The mail does not wait any more.',
  arrived: () => 'Only a mail of which nobody knows whether it was sent can be marked as arrived.',
};

/** What people decide about a mail, where the app alone cannot or may not. */
@Injectable()
export class MailDecisions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly book: MailBook,
    private readonly tasks: TaskClient,
    @Optional() private readonly events?: MailEvents,
  ) {}

  /**
   * @param resends - how often the mail had been sent again when who decides looked at it; see {@link resend}
   * @throws {@link MailNotFoundError}, {@link MailActionRefusedError}, {@link MailSentAgainError}
   */
  async decide(id: string, action: MailAction, resends?: number): Promise<void> {
    switch (action) {
      case 'resend':
        return this.resend(id, resends);
      case 'cancel':
        return this.cancel(id, resends);
      case 'arrived':
        return this.confirmArrived(id, resends);
    }
  }

  /**
   * Sends a mail that has ended once more, to those recipients alone of whom it is not known that they have it. Its
   * Message-ID stays the same, so a mail server or reader can tell that it is the same mail.
   *
   * @param resends - how often the mail had been sent again when who decides looked at it. Who does not say has seen
   * none: a call that is repeated, since no answer came, sends nothing twice. @defaultValue 0
   * @throws {@link MailNotFoundError}, {@link MailActionRefusedError}, {@link MailSentAgainError}
   */
  async resend(id: string, resends = 0): Promise<void> {
    await this.decided(id, 'resend', resends, async (manager, mail, { recipients }) => {
      const { message } = mail;
      if (message === null) throw new TypeError(`Mail ${id} has no text, and was to be sent again.`);
      const open = recipients.filter(({ state }) => state !== 'sent' && state !== 'arrived');
      const taskId = uuidv7();
      const input = {
        mailId: id,
        to: open.map(({ address }) => address),
        subject: mail.subject,
        message,
        acceptedAt: mail.createdAt.toISOString(),
      };
      await manager.query(
        `UPDATE mail SET earlier_task_ids = earlier_task_ids || task_id, task_id = $2 WHERE id = $1`,
        [id, taskId],
      );
      await manager.query(
        `UPDATE mail_recipient SET verdict = NULL WHERE mail_id = $1 AND verdict IN ('refused', 'uncertain')`,
        [id],
      );
      await this.tasks.within(manager).enqueueMany(sendEmail, [{ taskId, input }]);
      await this.tell(manager, 'mail.requeued', id, open);
    });
  }

  /**
   * Notes that an uncertain mail is known to have arrived. That is somebody's word, and stays apart from a server's.
   *
   * @param resends - see {@link resend}. @defaultValue however many there are
   * @throws {@link MailNotFoundError}, {@link MailActionRefusedError}, {@link MailSentAgainError}
   */
  async confirmArrived(id: string, resends?: number): Promise<void> {
    await this.decided(id, 'arrived', resends, async (manager, _mail, { recipients }) => {
      const uncertain = recipients.filter(({ state }) => state === 'uncertain');
      await manager.query(
        `UPDATE mail_recipient SET verdict = 'arrived', answered_at = now()
         WHERE mail_id = $1 AND address = ANY($2::text[]) AND verdict IS DISTINCT FROM 'accepted'`,
        [id, uncertain.map(({ address }) => address)],
      );
      await this.tell(manager, 'mail.arrived', id, uncertain);
    });
  }

  /**
   * Calls a mail off that waits. What a server has accepted of it stays sent.
   *
   * @param resends - see {@link resend}. @defaultValue however many there are
   * @throws {@link MailNotFoundError}, {@link MailActionRefusedError}, {@link MailSentAgainError}
   */
  async cancel(id: string, resends?: number): Promise<void> {
    const record = await this.record(id);
    assertSeen(record.mail, resends);
    // The status is only for the words of a refusal: whether the task still waits is the statement's to say.
    if (await this.tasks.revokeWaiting(record.mail.taskId)) return;
    throw new MailActionRefusedError(id, 'cancel', mailStatus(await this.record(id)).state);
  }

  private async tell(
    manager: EntityManager,
    type: MailEventType,
    mailId: string,
    statuses: readonly RecipientStatus[],
  ): Promise<void> {
    const recipients = statuses.map(({ address, reply }) => ({ address, reply }));
    await this.events?.publish(manager, [{ type, mailId, recipients }]);
  }

  /** One decision on a mail at a time: its row is locked before anything of it is looked at. */
  private async decided(
    id: string,
    action: MailAction,
    resends: number | undefined,
    apply: (manager: EntityManager, mail: MailEntity, status: MailStatus) => Promise<void>,
  ): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const mail = await manager.findOne(MailEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (mail === null) throw new MailNotFoundError(id);
      assertSeen(mail, resends);
      const [facts] = await readFacts(manager, [mail], 'with words');
      if (facts === undefined) throw new MailNotFoundError(id);
      const status = mailStatus(facts);
      if (!status.actions.includes(action)) {
        throw new MailActionRefusedError(id, action, status.state, facts.hasText);
      }
      await apply(manager, mail, status);
    });
  }

  private async record(id: string): Promise<MailRecord> {
    const record = await this.book.find(id);
    if (record === null) throw new MailNotFoundError(id);
    return record;
  }
}

/** A decision is on what was seen: two pages of the same mail must not have it sent twice. */
function assertSeen(mail: MailEntity, resends: number | undefined): void {
  const count = mail.earlierTaskIds.length;
  if (resends !== undefined && resends !== count) throw new MailSentAgainError(mail.id, count);
}
