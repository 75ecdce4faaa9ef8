import {
  bindArgs,
  checkInput,
  InvalidTaskInputError,
  isBroadcast,
  type CallOptions,
  type ForeignTaskCall,
  type KnownContracts,
  type TaskCall,
  type TaskClient,
  type TaskContract,
  type TaskRouter,
  type TransactionalTaskClient,
} from '@celeriac/tasks';
import type { EntityManager } from 'typeorm';
import { jitterMs } from '../entry/due-ticks.js';
import type { Entry, EntryDefinition } from '../entry/entry.js';
import { InvalidEntryError } from '../entry/invalid-entry.error.js';
import { issueText, type ScheduleIssue } from '../timing/invalid-schedule.error.js';

/** What of an entry says what is sent. */
type SentEntry = Pick<Entry, 'name' | 'task' | 'args' | 'kwargs' | 'options' | 'overlap' | 'jitterSeconds'>;

/** A task to send for an entry. */
export interface Sending {
  entry: SentEntry;
  dueAt: Date;
  /** For the task, if it is a new one. */
  taskId: string;
}

/**
 * What became of a {@link Sending}: the id of its task, which is not new but another one if that holds the key of a
 * unique task; or why it cannot be sent.
 */
export type Sent = { taskId: string; isNew: boolean } | { problem: string };

/** Sends the tasks of entries: those that the app knows through their contracts, others by their names. */
export class EntrySender {
  constructor(
    private readonly tasks: TaskClient,
    private readonly contracts: KnownContracts,
    private readonly router: TaskRouter,
  ) {}

  /**
   * Finds what would be wrong with the tasks of an entry.
   *
   * @throws {@link InvalidEntryError} when nobody has its task, or that takes no such arguments or options
   */
  async check(entry: EntryDefinition): Promise<void> {
    const { name, task, args, kwargs } = entry;
    const contract = this.contracts.byName.get(task);
    const issue = this.misfit(contract, entry);
    if (issue !== null) throw new InvalidEntryError(name, [issue]);
    if (contract === undefined) return;
    try {
      await checkInput(contract, bindArgs(contract, args, kwargs));
    } catch (error) {
      if (!(error instanceof InvalidTaskInputError)) throw error;
      const issues = error.issues.map(({ path, message }) => ({ field: `kwargs.${path}`, problem: message }));
      throw new InvalidEntryError(name, issues);
    }
  }

  /**
   * Sends tasks in the caller's transaction, those of one name in one go.
   *
   * @returns what became of each, in their order
   */
  async send(manager: EntityManager, sendings: readonly Sending[]): Promise<Sent[]> {
    const sent = new Map<Sending, Sent>();
    // In one order, as other beats: the keys of unique tasks are locked as they are sent.
    for (const name of [...new Set(sendings.map(({ entry }) => entry.task))].toSorted()) {
      const group = sendings.filter(({ entry }) => entry.task === name);
      const contract = this.contracts.byName.get(name);
      const results = await this.sendAll(manager, contract, group);
      for (const [index, sending] of group.entries()) {
        sent.set(sending, results?.[index] ?? (await this.sendOne(manager, contract, sending)));
      }
    }
    return sendings.flatMap((sending) => sent.get(sending) ?? []);
  }

  /** @returns null when that cannot be done in one go, or one of them makes no sense: then none was sent */
  private async sendAll(
    manager: EntityManager,
    contract: TaskContract<object> | undefined,
    sendings: readonly Sending[],
  ): Promise<Sent[] | null> {
    if (contract !== undefined && isBroadcast(contract)) return null;
    try {
      if (sendings.some(({ entry }) => this.misfit(contract, entry) !== null)) return null;
      const tasks = this.tasks.within(manager);
      const results =
        contract === undefined
          ? await tasks.sendTasks(sendings.map(foreignCallOf))
          : await tasks.enqueueMany(contract, sendings.map(callOf(contract)));
      return results.map(({ id, duplicate }) => ({ taskId: id, isNew: !duplicate }));
    } catch (error) {
      if (await goesOn(manager)) return null;
      throw error;
    }
  }

  private async sendOne(
    manager: EntityManager,
    contract: TaskContract<object> | undefined,
    sending: Sending,
  ): Promise<Sent> {
    try {
      const issue = this.misfit(contract, sending.entry);
      if (issue !== null) return { problem: issueText(issue) };
      const { id, duplicate = false } = await call(this.tasks.within(manager), contract, sending);
      return { taskId: id, isNew: !duplicate };
    } catch (error) {
      if (await goesOn(manager)) return { problem: error instanceof Error ? error.message : String(error) };
      throw error;
    }
  }

  /** What the task does not take, whatever its arguments. */
  private misfit(contract: TaskContract<object> | undefined, entry: SentEntry): ScheduleIssue | null {
    const { task, kwargs, options, overlap } = entry;
    if (contract === undefined) {
      if (!this.isRouted(task, kwargs, options)) return { field: 'task', problem: this.unknown(task) };
      return overlap === 'allow' ? null : { field: 'overlap', problem: ELSEWHERE };
    }
    if (!isBroadcast(contract)) return null;
    if (options.queue !== undefined) return { field: 'options.queue', problem: queueOfBroadcast(contract) };
    return overlap === 'allow' ? null : { field: 'overlap', problem: EACH_WORKER };
  }

  /** Whether it is said where a task goes that the app does not know: by the entry, or by a route. */
  private isRouted(task: string, kwargs: Record<string, unknown>, options: CallOptions): boolean {
    const { queue, exchange } = this.router.route(task, kwargs, options);
    return queue !== undefined || exchange !== undefined;
  }

  private unknown(task: string): string {
    const known = [...this.contracts.byName.keys()].join(', ');
    return `the app knows no task "${task}" (its tasks: ${known}); one that other workers run needs options.queue, or a route`;
  }
}

const ELSEWHERE = 'of a task that other workers run nobody knows for sure when it ends: expected allow';
const EACH_WORKER = 'a broadcast is run by each worker, and has no end of its own: expected allow';

function queueOfBroadcast({ queue }: TaskContract<object>): string {
  return `a broadcast goes to all workers of its task's queue, "${queue}": leave it out`;
}

/**
 * Whether a transaction in which something was thrown can go on: then it was no statement of its, but the call that
 * makes no sense, or code of the app's that looks at it. Neither may keep other entries waiting.
 */
async function goesOn(manager: EntityManager): Promise<boolean> {
  return manager.query('SELECT').then(
    () => true,
    () => false,
  );
}

async function call(
  tasks: TransactionalTaskClient,
  contract: TaskContract<object> | undefined,
  sending: Sending,
): Promise<{ id: string; duplicate?: boolean }> {
  const { task, args, kwargs } = sending.entry;
  const options = optionsOf(sending);
  if (contract === undefined) return tasks.sendTask(task, args, kwargs, options);
  const input = bindArgs(contract, args, kwargs);
  return isBroadcast(contract) ? tasks.broadcast(contract, input, options) : tasks.applyAsync(contract, input, options);
}

function callOf(contract: TaskContract<object>): (sending: Sending) => TaskCall<object> {
  return (sending) => {
    const { args, kwargs } = sending.entry;
    return { ...optionsOf(sending), input: bindArgs(contract, args, kwargs) };
  };
}

function foreignCallOf(sending: Sending): ForeignTaskCall {
  const { task: name, args, kwargs } = sending.entry;
  return { ...optionsOf(sending), name, args, kwargs };
}

/** Expiry counts from when the task is to start: jitter alone expires none. */
function optionsOf({ entry, dueAt, taskId }: Sending): CallOptions {
  const delayMs = jitterMs(entry, dueAt);
  if (delayMs === 0) return { ...entry.options, taskId };
  const { expires } = entry.options;
  return {
    ...entry.options,
    taskId,
    eta: new Date(dueAt.getTime() + delayMs),
    ...(expires !== undefined && { expires: expires + delayMs / 1000 }),
  };
}
