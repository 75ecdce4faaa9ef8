import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { TaskContract } from '../../contract/define-task.js';
import { TASKS_OPTIONS, type TasksModuleOptions } from '../../tasks.module-definition.js';
import { handledContracts } from './handled-contracts.js';

/** The tasks that an app knows: those that its `TasksModule` was told, and those that it has handlers of. */
@Injectable()
export class KnownContracts {
  private found: ReadonlyMap<string, TaskContract<object>> | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(TASKS_OPTIONS) private readonly options: TasksModuleOptions,
  ) {}

  /** By task name. To be asked when the app has been put together. */
  get byName(): ReadonlyMap<string, TaskContract<object>> {
    return (this.found ??= this.find());
  }

  private find(): ReadonlyMap<string, TaskContract<object>> {
    const all = [...handledContracts(this.discovery), ...(this.options.contracts ?? [])];
    // What a task is called with is an object: `delay` takes nothing else.
    return new Map(all.map((contract) => [contract.name, contract as TaskContract<object>]));
  }
}
