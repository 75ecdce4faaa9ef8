import { bindArgs } from '../contract/bind-args.js';
import { checkInput } from '../contract/check-input.js';
import { rateIntervalUs, type TaskRateLimit } from '../contract/rate-limit.js';
import type { TaskRequest } from '../protocol/index.js';
import type { RegisteredHandler } from './handlers/handler-registry.js';
import { earlyMs } from './task-run.js';
import { taskLabel, type WorkerLog } from './worker-log.js';

/** What Postgres can compare, in an index. */
const MAX_KEY_LENGTH = 255;

/** Says whose rate a delivery counts to. */
export class RateLimits {
  /** By task name; for the task as a whole. */
  private readonly ofTasks: ReadonlyMap<string, TaskRateLimit>;

  constructor(
    private readonly handlers: ReadonlyMap<string, RegisteredHandler>,
    private readonly log: WorkerLog,
  ) {
    this.ofTasks = new Map(
      [...handlers].map(([taskName, { contract }]) => [
        taskName,
        { taskName, key: '', defaultIntervalUs: rateIntervalUs(contract.rateLimit) },
      ]),
    );
  }

  /** @returns null for a task that cannot start now: it is no handler's, or a foreign producer's for later */
  async find(request: TaskRequest): Promise<TaskRateLimit | null> {
    const ofTask = this.ofTasks.get(request.name);
    if (ofTask === undefined || earlyMs(request) > 0) return null;
    const key = await this.keyOf(request);
    return key === '' ? ofTask : { ...ofTask, key };
  }

  /** The key of the checked input. What has none shares the task's own: a fault here must not hold up the task. */
  private async keyOf(request: TaskRequest): Promise<string> {
    const contract = this.handlers.get(request.name)?.contract;
    if (contract?.rateLimitKey === undefined) return '';
    try {
      return assertKey(
        contract.rateLimitKey(await checkInput(contract, bindArgs(contract, request.args, request.kwargs))),
      );
    } catch (error) {
      this.log.warn(`${taskLabel(request)} has no rateLimitKey: ${String(error)}`);
      return '';
    }
  }
}

function assertKey(key: unknown): string {
  if (typeof key === 'string' && key.length <= MAX_KEY_LENGTH && key.isWellFormed() && !key.includes('\0')) return key;
  throw new TypeError(`expected text of ${MAX_KEY_LENGTH} characters at most, got ${JSON.stringify(key)}`);
}
