import { Injectable } from '@nestjs/common';
import type { SettlementWriter } from '@celeriac/tasks';
import type { EntityManager } from 'typeorm';
import type { Verdict } from './entities/mail-recipient.entity.js';

/** What was heard of one recipient. */
export interface RecipientAnswer {
  address: string;
  /** Null when the server only put it off. */
  verdict: Verdict | null;
  /** The server's words. */
  reply: string;
}

/** What one run found out about a mail's recipients. */
export interface MailAnswers {
  mailId: string;
  recipients: RecipientAnswer[];
}

/** Writes answers with the outcome of the task that got them. A verdict once written is not changed. */
@Injectable()
export class VerdictWriter implements SettlementWriter<MailAnswers> {
  async write(manager: EntityManager, items: MailAnswers[]): Promise<void> {
    const rows = items.flatMap(({ mailId, recipients }) => recipients.map((recipient) => ({ mailId, ...recipient })));
    await manager.query(
      `UPDATE mail_recipient SET verdict = input.verdict, reply = input.reply, answered_at = now()
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS input(mail_id, address, verdict, reply)
       WHERE mail_recipient.mail_id = input.mail_id AND lower(mail_recipient.address) = lower(input.address)
         AND mail_recipient.verdict IS NULL`,
      [
        rows.map(({ mailId }) => mailId),
        rows.map(({ address }) => address),
        rows.map(({ verdict }) => verdict),
        rows.map(({ reply }) => reply),
      ],
    );
  }
}
