import type { Broker, QueueInfo } from '../../broker/broker.js';
import { annotated, type TaskAnnotations } from '../../contract/annotations.js';
import type { TaskContract } from '../../contract/define-task.js';
import type { OutboxStore } from '../../store/task-store.js';
import { explanationOf, queueToAsk } from './explanation-of.js';
import type { TaskExplanation } from './task-explanation.js';

/** What an app knows of its tasks. */
export interface KnownTasks {
  contracts?: readonly TaskContract[];
  annotations?: TaskAnnotations;
}

/** Asks the store and the broker why tasks have not started, and what they are doing. */
export class TaskExplainer {
  private readonly contracts: ReadonlyMap<string, TaskContract>;

  constructor(
    private readonly broker: Pick<Broker, 'queueInfo'>,
    private readonly store: Pick<OutboxStore, 'standings'>,
    { contracts = [], annotations = {} }: KnownTasks = {},
  ) {
    this.contracts = new Map(contracts.map((contract) => [contract.name, annotated(contract, annotations)]));
  }

  /**
   * One query for all of them, and one question to the broker for each queue that a task waits in.
   *
   * @returns an explanation for each task that is known, by its id
   */
  async explain(taskIds: readonly string[]): Promise<Map<string, TaskExplanation>> {
    if (taskIds.length === 0) return new Map();
    const { tasks, workers } = await this.store.standings(taskIds);
    const queues = await this.askFor(tasks.map(queueToAsk));
    return new Map(
      tasks.map((task) => {
        const queue = queues.get(queueToAsk(task)) ?? null;
        const contract = this.contracts.get(task.taskName);
        return [task.taskId, explanationOf(task, { workers, queue, contract })];
      }),
    );
  }

  private async askFor(names: ReadonlyArray<string | null>): Promise<Map<string | null, QueueInfo | null>> {
    const queues = [...new Set(names)].filter((name) => name !== null);
    return new Map(await Promise.all(queues.map(async (name) => [name, await this.broker.queueInfo(name)] as const)));
  }
}
