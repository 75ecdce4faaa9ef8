import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { EntityManager } from 'typeorm';
import type { TaskEnd, TaskEndWriters } from '../../store/task-end.js';
import type { SettlementWriter } from '../../store/task-store.js';
import { markedMethods } from './marked-methods.js';
import { TASK_END_METADATA } from './on-task-end.decorator.js';

type Write = (manager: EntityManager, ends: TaskEnd[]) => Promise<void>;

/** Finds the methods that `@OnTaskEnd` marks, in all modules. */
@Injectable()
export class TaskEnds {
  private found: TaskEndWriters | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /**
   * One writer a task, the same each time. To be asked when the app has been put together.
   *
   * @throws {@link TaskWiringError} when a method belongs to a provider that is scoped
   */
  get writers(): TaskEndWriters {
    return (this.found ??= this.find());
  }

  private find(): TaskEndWriters {
    const methods = new Map<string, Write[]>();
    for (const { wrapper, methodName, mark: name } of markedMethods<string>(this.discovery, TASK_END_METADATA)) {
      const instance = wrapper.instance as Record<string, Write>;
      const write: Write = async (manager, ends) => instance[methodName]?.(manager, ends);
      methods.set(name, [...(methods.get(name) ?? []), write]);
    }
    return new Map([...methods].map(([name, writes]) => [name, writerOf(writes)]));
  }
}

function writerOf(writes: readonly Write[]): SettlementWriter<TaskEnd> {
  return {
    write: async (manager, ends) => {
      for (const write of writes) await write(manager, ends);
    },
  };
}
