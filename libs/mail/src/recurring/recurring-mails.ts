import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { InvalidEntryError, ScheduleBook, ScheduleTickEntity, type Entry, type EntryChanges } from '@celeriac/schedule';
import { TaskClient } from '@celeriac/tasks';
import { DataSource, IsNull, Not } from 'typeorm';
import { v5 as uuidv5 } from 'uuid';
import type { MailForm } from '../contract/mail-form.js';
import { recurrenceOf, scheduleOf, type Recurrence } from './recurrence.js';
import { sendRecurring, SendRecurringInput } from './send-recurring.js';

/** A mail that is sent again and again: an entry of the schedule. */
export interface RecurringMail extends Pick<
  Entry,
  'schedule' | 'enabled' | 'nextRunAt' | 'lastRunAt' | 'lastTaskId' | 'totalRuns' | 'problem' | 'createdAt'
> {
  id: string;
  /** Null: somebody has written into the database what is no mail. */
  form: MailForm | null;
  /** Null: its times are such that the form has no words for them. */
  recurrence: Recurrence | null;
}

/** A page of recurring mails, the newest first. */
export interface RecurringPage {
  mails: RecurringMail[];
  /** There are more after these. */
  hasMore: boolean;
}

/** So many that beat has sent may wait for a worker, more than anybody lets wait. */
const MOST_WAITING = 100;
const PREFIX = 'mail.recurring:';
const NAMESPACE = '0b7a1f6e-52d4-4c0e-9a57-3f5d0c1b8e24';

/** The mails that users have repeated. What users do not see of an entry is left as it is. */
@Injectable()
export class RecurringMails {
  constructor(
    private readonly book: ScheduleBook,
    private readonly tasks: TaskClient,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * Adds one.
   *
   * @param formKey - the form's one-time key: the same key with the same content is the same recurring mail
   * @returns its id
   */
  async add(form: MailForm, recurrence: Recurrence, formKey: string): Promise<string> {
    const id = uuidv5(JSON.stringify([formKey, form, recurrence]), NAMESPACE);
    const entry = { task: sendRecurring.name, kwargs: kwargsOf(id, form), schedule: scheduleOf(recurrence) };
    try {
      await this.book.add({ name: entryNameOf(id), ...entry });
    } catch (error) {
      if (!isThereAlready(error)) throw error;
    }
    return id;
  }

  /** @param offset - so many of the newest are left out */
  async page(offset: number, limit: number): Promise<RecurringPage> {
    const page = { offset, limit: limit + 1 };
    const entries = await this.book.list({ task: sendRecurring.name, page });
    // Under other names are entries of the command line, which have no page.
    const mails = entries.slice(0, limit).filter(({ name }) => name.startsWith(PREFIX));
    return { mails: mails.map(recurringMailOf), hasMore: entries.length > limit };
  }

  /** @throws UnknownEntryError when there is none (any more) */
  async get(id: string): Promise<RecurringMail> {
    return recurringMailOf(await this.book.get(entryNameOf(id)));
  }

  /** @returns when it is sent next, `count` times at most. @throws UnknownEntryError */
  next(id: string, count: number): Promise<Date[]> {
    return this.book.next(entryNameOf(id), count);
  }

  /**
   * Changes one. If beat has disabled it, it goes on.
   *
   * @param recurrence - null: its times stay
   * @throws UnknownEntryError
   */
  async change(id: string, form: MailForm, recurrence: Recurrence | null): Promise<void> {
    const before = await this.get(id);
    // Otherwise left as it is by then: who pauses it meanwhile, on another page, has it paused.
    const goesOn = before.problem === null ? {} : { enabled: true };
    const changes: EntryChanges = { kwargs: kwargsOf(id, form), ...goesOn };
    // The same times in other words leave alone one that has come and that no beat has seen yet.
    const isSame = recurrence === null || isDeepStrictEqual(recurrence, before.recurrence);
    await this.book.change(entryNameOf(id), isSame ? changes : { ...changes, schedule: scheduleOf(recurrence) });
  }

  /** Nothing is sent until it is resumed, also of what was due and no worker has begun. @throws UnknownEntryError */
  async pause(id: string): Promise<void> {
    const entry = entryNameOf(id);
    await this.book.disable(entry);
    const ticks = await this.dataSource.manager.find(ScheduleTickEntity, {
      where: { entry, taskId: Not(IsNull()) },
      order: { dueAt: 'DESC' },
      take: MOST_WAITING,
    });
    await this.tasks.revokeWaiting(ticks.flatMap(({ taskId }) => taskId ?? []));
  }

  /** From its next time on it is sent again. @throws UnknownEntryError; InvalidEntryError when it cannot be sent */
  async resume(id: string): Promise<void> {
    await this.book.enable(entryNameOf(id));
  }

  /** The mails that came of it stay. @throws UnknownEntryError */
  async remove(id: string): Promise<void> {
    await this.pause(id);
    await this.book.remove(entryNameOf(id));
  }
}

/** The name of its entry in the schedule. */
export function entryNameOf(id: string): string {
  return `${PREFIX}${id}`;
}

function kwargsOf(recurringId: string, { email: to, subject, msg: message }: MailForm): Record<string, unknown> {
  return { recurringId, to, subject, message };
}

function recurringMailOf({ name, kwargs, ...entry }: Entry): RecurringMail {
  const { data } = SendRecurringInput.safeParse(kwargs);
  return {
    ...entry,
    id: name.slice(PREFIX.length),
    form: data === undefined ? null : { email: data.to, subject: data.subject, msg: data.message },
    recurrence: recurrenceOf(entry.schedule),
  };
}

function isThereAlready(error: unknown): boolean {
  return error instanceof InvalidEntryError && error.issues.every(({ field }) => field === 'name');
}
