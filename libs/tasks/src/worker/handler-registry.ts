import { Injectable, type Type } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  ExternalContextCreator,
  ModulesContainer,
  type NestContainer,
} from '@nestjs/core';
import { ExternalExceptionFilterContext } from '@nestjs/core/exceptions/external-exception-filter-context.js';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { annotated, type TaskAnnotations } from '../contract/annotations.js';
import type { TaskContract } from '../contract/define-task.js';
import type { TaskContext } from './task-context.js';
import { TaskWiringError } from './task-errors.js';
import { ThreadHandler } from './threads/thread-handler.js';
import type { ThreadPool } from './threads/thread-pool.js';
import { CONTEXT_PARAMETER, HANDLER_METADATA, INPUT_PARAMETER, PARAMETERS_METADATA } from './task-handler.decorator.js';

/** A contract and what runs it. */
export interface RegisteredHandler {
  contract: TaskContract;
  /** Where it runs: in the event loop, or in a thread of its own. */
  pool: 'async' | 'threads';
  /** Runs the handler with its guards, pipes, interceptors and filters; throws what they let through. */
  run(input: unknown, task: TaskContext): Promise<unknown>;
}

type Callable = (...args: unknown[]) => Promise<unknown>;

/** Picks a handler's arguments out of what the pipeline is called with. */
const parametersFactory = {
  exchangeKeyForValue: (key: number, _data: unknown, args: unknown[]): unknown =>
    key === CONTEXT_PARAMETER ? args[CONTEXT_PARAMETER] : args[INPUT_PARAMETER],
};

/** A handler, and what to call it when there are two. */
interface OwnedHandler extends RegisteredHandler {
  owner: string;
}

/** Finds the methods that {@link TaskHandler} marks, and the providers of `threadHandler`, in all modules. */
@Injectable()
export class HandlerRegistry {
  private readonly filters: ExternalExceptionFilterContext;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly contexts: ExternalContextCreator,
    modules: ModulesContainer,
    config: ApplicationConfig,
  ) {
    // It wants the container for its modules alone.
    this.filters = new ExternalExceptionFilterContext({ getModules: () => modules } as NestContainer, config);
  }

  /**
   * @param annotations - change the options of the contracts
   * @param threads - run the handlers that are modules
   * @returns the handlers by task name
   * @throws {@link TaskWiringError} when a contract has two handlers, or a handler cannot be called as one
   */
  find(annotations: TaskAnnotations, threads: ThreadPool): Map<string, RegisteredHandler> {
    const handlers = new Map<string, RegisteredHandler>();
    const owners = new Map<string, string>();
    for (const wrapper of this.discovery.getProviders()) {
      for (const { owner, contract, ...handler } of this.handlersOf(wrapper, threads)) {
        const other = owners.get(contract.name);
        if (other !== undefined && other !== owner) {
          throw new TaskWiringError(
            `Task ${contract.name} has two handlers, ${other} and ${owner}: remove one of them.`,
          );
        }
        owners.set(contract.name, owner);
        handlers.set(contract.name, { contract: annotated(contract, annotations), ...handler });
      }
    }
    return handlers;
  }

  private handlersOf(wrapper: InstanceWrapper, threads: ThreadPool): OwnedHandler[] {
    const instance: unknown = wrapper.instance;
    if (instance instanceof ThreadHandler) {
      const { contract, module } = instance;
      instance.assertExists();
      return [
        { owner: module.href, contract, pool: 'threads', run: (input, task) => threads.run(module, input, task) },
      ];
    }
    return handlerMethods(wrapper).map(([methodName, contract]) => ({
      owner: `${wrapper.name}.${methodName}`,
      contract,
      pool: 'async',
      run: this.pipeline(wrapper, methodName),
    }));
  }

  private pipeline(wrapper: InstanceWrapper, methodName: string): RegisteredHandler['run'] {
    const instance = wrapper.instance as Record<string, Callable>;
    const method = instance[methodName] as Callable;
    // Filters are applied here, not by Nest: its last one logs each error that passes, and each is logged already.
    const target = this.contexts.create(
      instance,
      method,
      methodName,
      PARAMETERS_METADATA,
      parametersFactory,
      undefined,
      undefined,
      { guards: true, interceptors: true, filters: false },
      'rpc',
    ) as Callable;
    const filters = this.filters.create(instance, method as () => never, wrapper.host?.token ?? '');
    return async (input, task) => {
      try {
        return await target(input, task);
      } catch (error) {
        const host = new ExecutionContextHost([input, task], instance.constructor as unknown as Type, method);
        host.setType('rpc');
        const handled: unknown = await filters.invokeCustomFilters(error, host);
        if (handled === undefined) throw error;
        return handled;
      }
    };
  }
}

function handlerMethods(wrapper: InstanceWrapper): Array<[string, TaskContract]> {
  const prototype: unknown = wrapper.metatype?.prototype;
  if (typeof prototype !== 'object' || prototype === null || wrapper.isAlias) return [];
  const found: Array<[string, TaskContract]> = [];
  for (let level = prototype; level !== Object.prototype && level !== null; level = Object.getPrototypeOf(level)) {
    for (const methodName of Object.getOwnPropertyNames(level)) {
      const method: unknown = Object.getOwnPropertyDescriptor(level, methodName)?.value;
      if (typeof method !== 'function' || found.some(([name]) => name === methodName)) continue;
      const contract = Reflect.getMetadata(HANDLER_METADATA, method) as TaskContract | undefined;
      if (contract !== undefined) found.push([methodName, contract]);
    }
  }
  if (found.length > 0 && (wrapper.isTransient || !wrapper.isDependencyTreeStatic())) {
    throw new TaskWiringError(
      `${wrapper.name} handles tasks but is scoped: a worker has one instance of each handler, and no requests. Remove the scope.`,
    );
  }
  return found;
}
