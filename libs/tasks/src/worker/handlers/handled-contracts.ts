import type { DiscoveryService } from '@nestjs/core';
import type { TaskContract } from '../../contract/define-task.js';
import { ThreadHandler } from '../threads/thread-handler.js';
import { markedMethods } from './marked-methods.js';
import { HANDLER_METADATA } from './task-handler.decorator.js';

/** @returns the contracts that have handlers in the modules of an app which imports Nest's `DiscoveryModule` */
export function handledContracts(discovery: DiscoveryService): TaskContract[] {
  const methods = markedMethods<TaskContract>(discovery, HANDLER_METADATA);
  const providers = discovery.getProviders().map(({ instance }): unknown => instance);
  const threads = providers.filter((provider) => provider instanceof ThreadHandler);
  return [...methods.map(({ mark }) => mark), ...threads.map(({ contract }) => contract)];
}
