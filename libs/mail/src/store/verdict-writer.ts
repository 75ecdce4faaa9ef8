import { Injectable, Optional } from '@nestjs/common';
import type { SettlementWriter } from '@celeriac/tasks';
import type { EntityManager } from 'typeorm';
import type { MailEventType, MailFact } from '../events/mail-event.js';
import { MailEvents } from '../events/mail-events.js';
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

/** A recipient who has just been decided on. */
interface DecidedRecipient {
  mailId: string;
  address: string;
  verdict: Verdict;
  reply: string;
}

const WRITE = `
  UPDATE mail_recipient SET verdict = input.verdict, reply = input.reply, answered_at = now()
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS input(mail_id, address, verdict, reply)
  WHERE mail_recipient.mail_id = input.mail_id AND lower(mail_recipient.address) = lower(input.address)
    AND mail_recipient.verdict IS NULL`;

/** The same, and who has been decided on by that. */
const DECIDE = `
  WITH written AS (
    ${WRITE} RETURNING mail_recipient.mail_id, position, mail_recipient.address, mail_recipient.verdict,
                       mail_recipient.reply
  )
  SELECT mail_id AS "mailId", address, verdict, reply FROM written WHERE verdict IS NOT NULL
  ORDER BY mail_id, position`;

const TYPES: Record<Verdict, MailEventType> = {
  accepted: 'mail.sent',
  arrived: 'mail.arrived',
  refused: 'mail.refused',
  uncertain: 'mail.uncertain',
};

/** Writes answers with the outcome of the task that got them. A verdict once written is not changed. */
@Injectable()
export class VerdictWriter implements SettlementWriter<MailAnswers> {
  constructor(@Optional() private readonly events?: MailEvents) {}

  async write(manager: EntityManager, items: MailAnswers[]): Promise<void> {
    const rows = items.flatMap(({ mailId, recipients }) => recipients.map((recipient) => ({ mailId, ...recipient })));
    const values = [
      rows.map(({ mailId }) => mailId),
      rows.map(({ address }) => address),
      rows.map(({ verdict }) => verdict),
      rows.map(({ reply }) => reply),
    ];
    if (this.events === undefined) await manager.query(WRITE, values);
    else await this.events.publish(manager, factsOf(await manager.query(DECIDE, values)));
  }
}

/** One for each mail and verdict. */
function factsOf(decided: readonly DecidedRecipient[]): MailFact[] {
  const facts = new Map<string, MailFact>();
  for (const { mailId, verdict, address, reply } of decided) {
    const key = `${mailId} ${verdict}`;
    const fact = facts.get(key) ?? { type: TYPES[verdict], mailId, recipients: [] };
    fact.recipients.push({ address, reply });
    facts.set(key, fact);
  }
  return [...facts.values()];
}
