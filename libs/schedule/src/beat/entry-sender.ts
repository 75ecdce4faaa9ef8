import {
  bindArgs,
  checkInput,
  InvalidTaskInputError,
  type CallOptions,
  type KnownContracts,
  type TaskCall,
  type TaskClient,
  type TaskContract,
} from '@celeriac/tasks';
import type { EntityManager } from 'typeorm';
import { jitterMs } from '../entry/due-ticks.js';
import type { Entry, EntryDefinition } from '../entry/entry.js';
import { InvalidEntryError } from '../entry/invalid-entry.error.js';

/** A task to send for an entry. */
export interface Sending {
  entry: Pick<Entry, 'name' | 'task' | 'args' | 'kwargs' | 'options' | 'jitterSeconds'>;
  dueAt: Date;
  /** For the task, if it is a new one. */
  taskId: string;
}

/**
 * What became of a {@link Sending}: the id of its task, which is that of another one if that holds the key of a unique
 * task; or why it cannot be sent.
 */
export interface Sent {
  taskId: string | null;
  problem: string | null;
}

/** Sends the tasks of entries: those that the app knows through their contracts, others by their names. */
export class EntrySender {
  constructor(
    private readonly tasks: TaskClient,
    private readonly contracts: KnownContracts,
  ) {}

  /**
   * Finds what would be wrong with the tasks of an entry.
   *
   * @throws {@link InvalidEntryError} when nobody has its task, or that takes no such arguments
   */
  async check({ name, task, args, kwargs, options, overlap }: EntryDefinition): Promise<void> {
    const contract = this.contracts.byName.get(task);
    if (contract !== undefined) {
      try {
        await checkInput(contract, bindArgs(contract, args, kwargs));
      } catch (error) {
        if (!(error instanceof InvalidTaskInputError)) throw error;
        const issues = error.issues.map(({ path, message }) => ({ field: `kwargs.${path}`, problem: message }));
        throw new InvalidEntryError(name, issues);
      }
    } else if (overlap === 'skip') {
      const problem = 'of a task that other workers run nobody knows for sure when it ends: expected allow';
      throw new InvalidEntryError(name, [{ field: 'overlap', problem }]);
    } else if (options.queue === undefined) {
      throw new InvalidEntryError(name, [{ field: 'task', problem: this.unknown(task) }]);
    }
  }

  /**
   * Sends tasks in the caller's transaction, those of one contract in one go.
   *
   * @returns what became of each, in their order
   */
  async send(manager: EntityManager, sendings: readonly Sending[]): Promise<Sent[]> {
    const sent = new Map<Sending, Sent>();
    for (const name of new Set(sendings.map(({ entry }) => entry.task))) {
      const group = sendings.filter(({ entry }) => entry.task === name);
      const contract = this.contracts.byName.get(name);
      const results = contract === undefined ? null : await this.sendAll(manager, contract, group);
      for (const [index, sending] of group.entries()) {
        sent.set(sending, results?.[index] ?? (await this.sendOne(manager, contract, sending)));
      }
    }
    return sendings.flatMap((sending) => sent.get(sending) ?? []);
  }

  /** @returns null when one of them makes no sense: then none was sent */
  private async sendAll(
    manager: EntityManager,
    contract: TaskContract<object>,
    sendings: readonly Sending[],
  ): Promise<Sent[] | null> {
    try {
      const results = await this.tasks.within(manager).enqueueMany(contract, sendings.map(callOf(contract)));
      return results.map(({ id }) => ({ taskId: id, problem: null }));
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
    const { task, args, kwargs, options } = sending.entry;
    if (contract === undefined && options.queue === undefined) return { taskId: null, problem: this.unknown(task) };
    const tasks = this.tasks.within(manager);
    try {
      const { id } =
        contract === undefined
          ? await tasks.sendTask(task, args, kwargs, optionsOf(sending))
          : await tasks.applyAsync(contract, bindArgs(contract, args, kwargs), optionsOf(sending));
      return { taskId: id, problem: null };
    } catch (error) {
      if (await goesOn(manager))
        return { taskId: null, problem: error instanceof Error ? error.message : String(error) };
      throw error;
    }
  }

  private unknown(task: string): string {
    const known = [...this.contracts.byName.keys()].join(', ');
    return `the app knows no task "${task}" (its tasks: ${known}); one that other workers run needs options.queue`;
  }
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

function callOf(contract: TaskContract<object>): (sending: Sending) => TaskCall<object> {
  return (sending) => {
    const { args, kwargs } = sending.entry;
    return { ...optionsOf(sending), input: bindArgs(contract, args, kwargs) };
  };
}

function optionsOf({ entry, dueAt, taskId }: Sending): CallOptions {
  const delayMs = jitterMs(entry, dueAt);
  return { ...entry.options, taskId, ...(delayMs === 0 ? {} : { eta: new Date(dueAt.getTime() + delayMs) }) };
}
