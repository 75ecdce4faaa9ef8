import { handledContract, markedMethods, TaskWiringError } from '@celeriac/tasks';
import type { DiscoveryService } from '@nestjs/core';
import type { NewEntry } from '../entry/parse-entry.js';
import { PERIODIC_METADATA, type PeriodicMark } from './periodic.decorator.js';

/**
 * @returns the entries that `@Periodic` asks for, in all modules
 * @throws {@link TaskWiringError} when a method handles no task
 */
export function findPeriodic(discovery: DiscoveryService): NewEntry[] {
  return markedMethods<PeriodicMark[]>(discovery, PERIODIC_METADATA).flatMap(
    ({ wrapper, methodName, method, mark: marks }) => {
      const contract = handledContract(method);
      if (contract === undefined) {
        const place = `${wrapper.name}.${methodName}`;
        throw new TaskWiringError(
          `${place} is marked with @Periodic but handles no task: mark it with @TaskHandler too.`,
        );
      }
      return marks.map((mark) => ({ name: contract.name, ...mark, task: contract.name }));
    },
  );
}
