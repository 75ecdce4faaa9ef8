import { Injectable } from '@nestjs/common';
import { ScheduleTickEntity } from '@celeriac/schedule';
import { TaskEntity, type TaskState } from '@celeriac/tasks';
import { DataSource, In, IsNull, Not, type EntityManager } from 'typeorm';
import { MailEntity } from '../store/entities/mail.entity.js';
import { inOneSnapshot, readFacts } from '../store/mail-facts.js';
import type { MailOutline } from '../store/mail-search.js';
import { entryNameOf, type RecurringMail } from './recurring-mails.js';
import { recurringKey } from './send-recurring.js';

/** A task that was sent for a recurring mail, and what came of it. */
export interface RecurringRun {
  recurringId: string;
  /** Null: somebody has sent it when it was not due. */
  dueAt: Date | null;
  /** Null: it has not been made yet, or is not kept any more. */
  mail: MailOutline | null;
  /** Of the task that makes the mail; null when the retention has taken it. */
  taskState: TaskState | null;
}

/** A task that was sent for a recurring mail. */
interface SentTask {
  recurringId: string;
  dueAt: Date | null;
  taskId: string;
}

/** Reads which mails came of recurring ones; a few queries however many those are. */
@Injectable()
export class RecurringRuns {
  constructor(private readonly dataSource: DataSource) {}

  /** @returns the last run of each that had one */
  async last(mails: readonly RecurringMail[]): Promise<RecurringRun[]> {
    return inOneSnapshot(this.dataSource, (manager) => readRuns(manager, mails.flatMap(lastSent)));
  }

  /** @returns the last `count` runs of one, the latest first; times that are long past are forgotten */
  async of(mail: RecurringMail, count: number): Promise<RecurringRun[]> {
    return inOneSnapshot(this.dataSource, async (manager) => {
      const ticks = await manager.find(ScheduleTickEntity, {
        where: { entry: entryNameOf(mail.id), taskId: Not(IsNull()) },
        order: { dueAt: 'DESC' },
        take: count,
      });
      const due = ticks.flatMap(({ dueAt, taskId }) =>
        taskId === null ? [] : [{ recurringId: mail.id, dueAt, taskId }],
      );
      const others = lastSent(mail).filter(({ taskId }) => due.every((sent) => sent.taskId !== taskId));
      return readRuns(manager, [...others, ...due].slice(0, count));
    });
  }
}

function lastSent({ id: recurringId, lastRunAt: dueAt, lastTaskId: taskId }: RecurringMail): SentTask[] {
  return taskId === null ? [] : [{ recurringId, dueAt, taskId }];
}

async function readRuns(manager: EntityManager, sent: readonly SentTask[]): Promise<RecurringRun[]> {
  if (sent.length === 0) return [];
  const mails = await manager.find(MailEntity, {
    select: { id: true, taskId: true, earlierTaskIds: true, idempotencyKey: true, subject: true, createdAt: true },
    where: { idempotencyKey: In(sent.map(keyOf)) },
  });
  const outlines = await readFacts(manager, mails, 'for states');
  const tasks = await manager.find(TaskEntity, {
    select: { id: true, state: true },
    where: { id: In(sent.map(({ taskId }) => taskId)) },
  });
  return sent.map((run) => ({
    recurringId: run.recurringId,
    dueAt: run.dueAt,
    mail: outlines.find(({ mail }) => mail.idempotencyKey === keyOf(run)) ?? null,
    taskState: tasks.find(({ id }) => id === run.taskId)?.state ?? null,
  }));
}

function keyOf({ recurringId, taskId }: SentTask): string {
  return recurringKey(recurringId, taskId);
}
