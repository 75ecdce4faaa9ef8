import { Injectable, Logger } from '@nestjs/common';
import { TaskFacts, TaskHook, type FailureOutcome } from '@celeriac/tasks';

/** Calls for somebody when a task has failed for good. */
@Injectable()
export class FailureAlarm {
  private readonly log = new Logger('Posters');

  @TaskHook('failure')
  call({ error }: FailureOutcome, task: TaskFacts): void {
    this.log.error(
      `Somebody should look at ${task.name}[${task.id}], tried ${task.retries + 1} times: ${error.message}`,
    );
  }
}
