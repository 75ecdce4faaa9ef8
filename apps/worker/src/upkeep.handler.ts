import { Injectable } from '@nestjs/common';
import {
  DailyDigest,
  dailyDigest,
  forgetOld,
  MailRetention,
  remindUncertain,
  UncertainReminder,
  type Forgotten,
} from '@celeriac/mail';
import { TaskContext, TaskHandler } from '@celeriac/tasks';

/** A run ends after that, and comes again: a worker that has one place has it free for mails meanwhile. */
const BUDGET_MS = 10_000;
const PAUSE_SECONDS = 1;

/** What the task's row says of what was done. */
interface UpkeepResult {
  done: string;
}

/** Runs what the mail app does again and again. */
@Injectable()
export class UpkeepHandler {
  constructor(
    private readonly retention: MailRetention,
    private readonly digest: DailyDigest,
    private readonly reminder: UncertainReminder,
  ) {}

  @TaskHandler(forgetOld)
  async forgetOld(_input: object, task: TaskContext): Promise<Forgotten> {
    const onProgress = ({ deleted, emptied }: Forgotten): void =>
      task.progress(deleted + emptied, undefined, `${deleted} mails deleted, ${emptied} texts removed`);
    const { isDone, ...forgotten } = await this.retention.forget({
      signal: task.signal,
      budgetMs: BUDGET_MS,
      onProgress,
    });
    if (isDone) return forgotten;
    task.log.log(`${forgotten.deleted} mails deleted, ${forgotten.emptied} texts removed, and there are more.`);
    return task.snooze(PAUSE_SECONDS);
  }

  @TaskHandler(dailyDigest)
  async sendDigest(_input: object, { signal }: TaskContext): Promise<UpkeepResult> {
    return { done: await this.digest.send(signal) };
  }

  @TaskHandler(remindUncertain)
  async remind(_input: object, { signal }: TaskContext): Promise<UpkeepResult> {
    return { done: await this.reminder.remind(signal) };
  }
}
