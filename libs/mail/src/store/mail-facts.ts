import { TaskAttemptEntity, TaskEntity } from '@celeriac/tasks';
import { In, type EntityManager } from 'typeorm';
import type { MailFacts } from '../status/mail-record.js';
import { MailRecipientEntity } from './entities/mail-recipient.entity.js';
import type { MailEntity } from './entities/mail.entity.js';

/** What says which tasks are a mail's. */
type MailKeys = Pick<MailEntity, 'id' | 'taskId' | 'earlierTaskIds'>;

const PROGRESS = {
  id: true,
  state: true,
  waitReason: true,
  dueAt: true,
  retries: true,
  attempt: true,
  startedAt: true,
  finishedAt: true,
} as const;

const ATTEMPT = {
  taskId: true,
  number: true,
  workerId: true,
  workerName: true,
  startedAt: true,
  pointOfNoReturnAt: true,
  finishedAt: true,
  outcome: true,
} as const;

/**
 * Reads what the status of mails is made of; a few queries however many they are.
 *
 * @param depth - `for states`: without the errors, which have stacks and say nothing of how far a mail is
 */
export async function readFacts<Mail extends MailKeys>(
  manager: EntityManager,
  mails: readonly Mail[],
  depth: 'with words' | 'for states',
): Promise<Array<MailFacts & { mail: Mail }>> {
  if (mails.length === 0) return [];
  const words = depth === 'with words' ? { error: true } : {};
  // The tasks first: a task that is seen to have ended wrote its verdicts in the same commit, so they are seen too.
  // The other way round a mail that is just being settled would look as if nobody had decided on it.
  const tasks = await manager.find(TaskEntity, {
    select: { ...PROGRESS, ...words },
    where: { id: In(mails.map(({ taskId }) => taskId)) },
  });
  const [recipients, attempts] = await Promise.all([
    manager.find(MailRecipientEntity, {
      where: { mailId: In(mails.map(({ id }) => id)) },
      order: { position: 'ASC' },
    }),
    manager.find(TaskAttemptEntity, {
      select: { ...ATTEMPT, ...words },
      where: { taskId: In(mails.flatMap(tasksOf)) },
      order: { startedAt: 'ASC', number: 'ASC' },
    }),
  ]);
  return mails.map((mail) => ({
    mail,
    recipients: recipients.filter(({ mailId }) => mailId === mail.id),
    task: tasks.find(({ id }) => id === mail.taskId) ?? null,
    attempts: attempts.filter(({ taskId }) => tasksOf(mail).includes(taskId)),
  }));
}

function tasksOf({ earlierTaskIds, taskId }: MailKeys): string[] {
  return [...earlierTaskIds, taskId];
}
