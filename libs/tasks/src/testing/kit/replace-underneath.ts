import type { TestingModuleBuilder } from '@nestjs/testing';
import { taskTopology } from '../../broker/topology.js';
import { OutboxRelay } from '../../outbox/outbox-relay.js';
import type { TaskStore } from '../../store/task-store.js';
import { BROKER, TASK_STORE, TASKS_OPTIONS, type TasksModuleOptions } from '../../tasks.module-definition.js';
import { Reconciler } from '../../upkeep/reconciler.js';
import { Retention } from '../../upkeep/retention.js';
import { HeldBroker } from './held-broker.js';

/** In the place of what does something by itself, now and then. */
const AT_REST = {
  start: (): void => undefined,
  wake: (): void => undefined,
  lookAfter: (): void => undefined,
  stop: (): Promise<void> => Promise.resolve(),
};

/** Puts a broker and a store in memory under an app, whatever its own modules say, and stops what runs by itself. */
export function replaceUnderneath(builder: TestingModuleBuilder, store: TaskStore): TestingModuleBuilder {
  const factory = async ({ broker, queues }: TasksModuleOptions): Promise<HeldBroker> => {
    await broker.close();
    return new HeldBroker(taskTopology(queues));
  };
  for (const upkeep of [OutboxRelay, Reconciler, Retention]) builder.overrideProvider(upkeep).useValue(AT_REST);
  return builder
    .overrideProvider(TASK_STORE)
    .useValue(store)
    .overrideProvider(BROKER)
    .useFactory({ inject: [TASKS_OPTIONS], factory });
}
