import { Injectable } from '@nestjs/common';
import { OnTaskEnd, type TaskEnd } from '@celeriac/tasks';
import type { EntityManager } from 'typeorm';
import { sendEmail } from '../contract/send-email.js';
import type { MailFacts } from '../status/mail-record.js';
import { mailStatus } from '../status/mail-status.js';
import type { MailEntity } from '../store/entities/mail.entity.js';
import { readFacts } from '../store/mail-facts.js';
import type { MailEventType, MailFact } from './mail-event.js';
import { MailEvents } from './mail-events.js';

type EndedMail = Pick<MailEntity, 'id' | 'taskId' | 'earlierTaskIds' | 'textRemovedAt'>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Tells what becomes of the recipients on whom no server has decided when a mail's task ends, in the transaction that
 * ends it, however that comes about. It is what the mail's page says of them, by the same function.
 */
@Injectable()
export class MailEndings {
  constructor(private readonly events: MailEvents) {}

  @OnTaskEnd(sendEmail)
  async ended(manager: EntityManager, ends: TaskEnd[]): Promise<void> {
    const mails = await findOpen(manager, ends);
    const facts = await readFacts(manager, mails, 'with words');
    await this.events.publish(manager, facts.flatMap(openFacts));
  }
}

/** The mails of these tasks that have such recipients: of most there are none. */
async function findOpen(manager: EntityManager, ends: readonly TaskEnd[]): Promise<EndedMail[]> {
  const ids = ends.map(({ kwargs }) => kwargs['mailId']).filter((id) => typeof id === 'string' && UUID.test(id));
  return manager.query(
    `SELECT id, task_id AS "taskId", earlier_task_ids AS "earlierTaskIds", text_removed_at AS "textRemovedAt" FROM mail
     WHERE id = ANY($1::uuid[]) AND task_id = ANY($2::text[])
       AND (SELECT true FROM mail_recipient WHERE mail_id = mail.id AND verdict IS NULL LIMIT 1)`,
    [ids, ends.map(({ taskId }) => taskId)],
  );
}

function openFacts({ mail, ...facts }: MailFacts & { mail: EndedMail }): MailFact[] {
  const statuses = mailStatus(facts).recipients.filter((_, index) => facts.recipients[index]?.verdict === null);
  const [first] = statuses;
  const type = first && TYPES[first.state];
  if (type === undefined) return [];
  const recipients = statuses.map(({ address, reply }) => ({ address, reply }));
  return [{ type, mailId: mail.id, recipients, reason: facts.task?.error?.message ?? null }];
}

/** All of them share one state. */
const TYPES: Partial<Record<string, MailEventType>> = {
  failed: 'mail.failed',
  uncertain: 'mail.uncertain',
  canceled: 'mail.canceled',
};
