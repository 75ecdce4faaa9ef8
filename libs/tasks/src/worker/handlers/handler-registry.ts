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
import { annotated, type TaskAnnotations } from '../../contract/annotations.js';
import { checkOptions } from '../../contract/check-options.js';
import type { TaskContract } from '../../contract/define-task.js';
import { TaskContext } from '../task-context.js';
import { TaskPredicate, TaskWiringError } from '../task-errors.js';
import { ThreadHandler } from '../threads/thread-handler.js';
import type { ThreadPool } from '../threads/thread-pool.js';
import { markedMethods } from './marked-methods.js';
import { CONTEXT_PARAMETER, HANDLER_METADATA, INPUT_PARAMETER, PARAMETERS_METADATA } from './task-handler.decorator.js';
import { findHooks, type TaskHooks } from './task-hooks.js';

/** A contract and what runs it. */
export interface RegisteredHandler {
  contract: TaskContract;
  /** Where it runs: in the event loop, or in a thread of its own. */
  pool: 'async' | 'threads';
  /** Undefined where there are none. */
  hooks?: TaskHooks | undefined;
  /** Runs the handler with its guards, pipes, interceptors and filters; throws what they let through. */
  run(input: unknown, task: TaskContext): Promise<unknown>;
}

type Callable = (...args: unknown[]) => unknown;

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
   * @throws {@link InvalidTaskOptionError} when an annotation makes no sense
   */
  find(annotations: TaskAnnotations, threads: ThreadPool): Map<string, RegisteredHandler> {
    const handlers = new Map<string, RegisteredHandler>();
    const owners = new Map<string, string>();
    const hooksOf = findHooks(this.discovery);
    for (const { owner, contract, ...handler } of [...this.methods(), ...this.modules(threads)]) {
      const { name } = contract;
      const other = owners.get(name);
      if (other !== undefined && other !== owner) {
        throw new TaskWiringError(`Task ${name} has two handlers, ${other} and ${owner}: remove one of them.`);
      }
      owners.set(name, owner);
      handlers.set(name, {
        contract: checkOptions(annotated(contract, annotations)),
        hooks: hooksOf(name),
        ...handler,
      });
    }
    return handlers;
  }

  private methods(): OwnedHandler[] {
    const methods = markedMethods<TaskContract>(this.discovery, HANDLER_METADATA);
    return methods.map(({ wrapper, methodName, mark: contract }) => ({
      owner: `${wrapper.name}.${methodName}`,
      contract,
      pool: 'async',
      run: this.pipeline(wrapper, methodName),
    }));
  }

  private modules(threads: ThreadPool): OwnedHandler[] {
    const providers = this.discovery.getProviders().map(({ instance }): unknown => instance);
    return providers
      .filter((provider) => provider instanceof ThreadHandler)
      .map((handler) => ({
        owner: handler.module.href,
        contract: handler.contract,
        pool: 'threads',
        run: (input, task) => threads.run(handler, input, task),
      }));
  }

  private pipeline(wrapper: InstanceWrapper, methodName: string): RegisteredHandler['run'] {
    const instance = wrapper.instance as Record<string, Callable>;
    const method = instance[methodName] as Callable;
    // Filters are applied here, not by Nest: its last one logs each error that passes, and each is logged already.
    const target = this.contexts.create(
      instance,
      timed(method),
      methodName,
      PARAMETERS_METADATA,
      parametersFactory,
      undefined,
      undefined,
      { guards: true, interceptors: true, filters: false },
      'rpc',
    ) as (input: unknown, task: TaskContext) => Promise<unknown>;
    const filters = this.filters.create(instance, method as () => never, wrapper.host?.token ?? '');
    return async (input, task) => {
      try {
        return await target(input, task);
      } catch (error) {
        if (error instanceof TaskPredicate) throw error;
        const host = new ExecutionContextHost([input, task], instance.constructor as unknown as Type, method);
        host.setType('rpc');
        const handled: unknown = await filters.invokeCustomFilters(error, host);
        if (handled === undefined) throw error;
        return handled;
      }
    };
  }
}

/**
 * Measures for how long the handler's own call holds the event loop. Whoever asks the execution context for the
 * handler gets this function, which has the method's metadata, since it inherits from it.
 */
function timed(method: Callable): Callable {
  const timedMethod: Callable = function (this: unknown, ...args) {
    const startedAtMs = performance.now();
    try {
      return method.apply(this, args);
    } finally {
      const task = args[CONTEXT_PARAMETER];
      if (task instanceof TaskContext) task.heldLoop(performance.now() - startedAtMs);
    }
  };
  Object.defineProperty(timedMethod, 'name', { value: method.name });
  return Object.setPrototypeOf(timedMethod, method) as Callable;
}
