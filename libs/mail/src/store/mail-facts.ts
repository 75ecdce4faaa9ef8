import { TaskAttemptEntity, TaskEntity } from '@celeriac/tasks';
import { In, type DataSource, type EntityManager } from 'typeorm';
import type { MailFacts } from '../status/mail-record.js';
import { MailRecipientEntity } from './entities/mail-recipient.entity.js';
import type { MailEntity } from './entities/mail.entity.js';

/** What says which tasks are a mail's, and whether it can be sent. */
type MailKeys = Pick<MailEntity, 'id' | 'taskId' | 'earlierTaskIds' | 'textRemovedAt'>;

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
  error: true,
} as const;

/**
 * Reads as of one moment. Read apart, a mail that is settled or sent again meanwhile would be in a state that it never
 * was in.
 */
export function inOneSnapshot<Result>(
  dataSource: DataSource,
  read: (manager: EntityManager) => Promise<Result>,
): Promise<Result> {
  return dataSource.transaction('REPEATABLE READ', read);
}

/**
 * Reads what the status of mails is made of; a few queries however many they are.
 *
 * @param manager - of the snapshot that the mails were read in
 * @param depth - `for states`: without the task's error, which says nothing of how far a mail is
 */
export async function readFacts<Mail extends MailKeys>(
  manager: EntityManager,
  mails: readonly Mail[],
  depth: 'with words' | 'for states',
): Promise<Array<MailFacts & { mail: Mail }>> {
  if (mails.length === 0) return [];
  const words = depth === 'with words' ? { error: true } : {};
  const tasks = await manager.find(TaskEntity, {
    select: { ...PROGRESS, ...words },
    where: { id: In(mails.map(({ taskId }) => taskId)) },
  });
  const recipients = await manager.find(MailRecipientEntity, {
    where: { mailId: In(mails.map(({ id }) => id)) },
    order: { position: 'ASC' },
  });
  const attempts = await manager.find(TaskAttemptEntity, {
    select: ATTEMPT,
    where: { taskId: In(mails.flatMap(tasksOf)) },
    order: { number: 'ASC' },
  });
  const taskById = new Map(tasks.map((task) => [task.id, task]));
  const recipientsOf = grouped(recipients, ({ mailId }) => mailId);
  const attemptsOf = grouped(attempts, ({ taskId }) => taskId);
  return mails.map((mail) => ({
    mail,
    hasText: mail.textRemovedAt === null,
    recipients: recipientsOf.get(mail.id) ?? [],
    task: taskById.get(mail.taskId) ?? null,
    attempts: tasksOf(mail).flatMap((taskId) => attemptsOf.get(taskId) ?? []),
  }));
}

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

function tasksOf({ earlierTaskIds, taskId }: MailKeys): string[] {
  return [...earlierTaskIds, taskId];
}
