import { Injectable } from '@nestjs/common';
import type { SettlementWriter } from '@celeriac/tasks';
import type { EntityManager } from 'typeorm';
import type { Verdict } from './entities/mail-recipient.entity.js';

/** What became of one recipient. */
export interface RecipientVerdict {
  address: string;
  verdict: Verdict;
  reply: string;
}

/** What one run found out about a mail's recipients. */
export interface MailVerdicts {
  mailId: string;
  recipients: RecipientVerdict[];
}

/** Writes verdicts with the outcome of the task that found them. A verdict once written is not changed. */
@Injectable()
export class VerdictWriter implements SettlementWriter<MailVerdicts> {
  async write(manager: EntityManager, items: MailVerdicts[]): Promise<void> {
    const rows = items.flatMap(({ mailId, recipients }) => recipients.map((recipient) => ({ mailId, ...recipient })));
    await manager.query(
      `UPDATE mail_recipient SET verdict = input.verdict, reply = input.reply, decided_at = now()
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
