import { Injectable } from '@nestjs/common';
import { ScheduleTickEntity } from '@celeriac/schedule';
import { TaskEntity, type TaskState } from '@celeriac/tasks';
import { DataSource, In, IsNull, Not, type EntityManager } from 'typeorm';
import { MailEntity } from '../store/entities/mail.entity.js';
import { inOneSnapshot, readFacts } from '../store/mail-facts.js';
import type { MailOutline } from '../store/mail-search.js';
import { entryNameOf, type RecurringMail } from './recurring-mails.js';
import { recurringKey } from './send-recurring.js';

/** A time at which a recurring mail was due, and what came of it. */
export interface RecurringRun {
  recurringId: string;
  dueAt: Date;
  /** Null: it has not been made yet, or is not kept any more. */
  mail: MailOutline | null;
  /** Of the task that makes the mail; null when the retention has taken it. */
  taskState: TaskState | null;
}

/** A task that was sent for a recurring mail. */
interface SentTask {
  recurringId: string;
  dueAt: Date;
  taskId: string;
}

/** Reads which mails came of recurring ones; a few queries however many those are. */
@Injectable()
export class RecurringRuns {
  constructor(private readonly dataSource: DataSource) {}

  /** @returns the last run of each that had one */
  async last(mails: readonly RecurringMail[]): Promise<RecurringRun[]> {
    const sent = mails.flatMap(({ id: recurringId, lastRunAt: dueAt, lastTaskId: taskId }) =>
      dueAt === null || taskId === null ? [] : [{ recurringId, dueAt, taskId }],
    );
    return inOneSnapshot(this.dataSource, (manager) => readRuns(manager, sent));
  }

  /** @returns the last `count` runs of one, the latest first */
  async of(recurringId: string, count: number): Promise<RecurringRun[]> {
    return inOneSnapshot(this.dataSource, async (manager) => {
      const ticks = await manager.find(ScheduleTickEntity, {
        where: { entry: entryNameOf(recurringId), taskId: Not(IsNull()) },
        order: { dueAt: 'DESC' },
        take: count,
      });
      const sent = ticks.flatMap(({ dueAt, taskId }) => (taskId === null ? [] : [{ recurringId, dueAt, taskId }]));
      return readRuns(manager, sent);
    });
  }
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
