import type { DiscoveryService } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import { TaskWiringError } from '../task-errors.js';

/** A method of a provider that a decorator has marked. */
export interface MarkedMethod<Mark> {
  wrapper: InstanceWrapper;
  methodName: string;
  /** The function itself, which has the metadata. */
  method: object;
  mark: Mark;
}

/**
 * Finds the methods that have metadata under this key, in the providers of all modules; of a method that a subclass
 * overrides, the subclass's.
 *
 * @throws {@link TaskWiringError} when one belongs to a provider that has no single instance
 */
export function markedMethods<Mark>(discovery: DiscoveryService, key: string): MarkedMethod<Mark>[] {
  return discovery.getProviders().flatMap((wrapper) => methodsOf<Mark>(wrapper, key));
}

function methodsOf<Mark>(wrapper: InstanceWrapper, key: string): MarkedMethod<Mark>[] {
  const prototype: unknown = wrapper.metatype?.prototype;
  if (typeof prototype !== 'object' || prototype === null || wrapper.isAlias) return [];
  const found: MarkedMethod<Mark>[] = [];
  for (let level = prototype; level !== Object.prototype && level !== null; level = Object.getPrototypeOf(level)) {
    for (const methodName of Object.getOwnPropertyNames(level)) {
      const method: unknown = Object.getOwnPropertyDescriptor(level, methodName)?.value;
      if (typeof method !== 'function' || found.some((other) => other.methodName === methodName)) continue;
      const mark = Reflect.getMetadata(key, method) as Mark | undefined;
      if (mark !== undefined) found.push({ wrapper, methodName, method, mark });
    }
  }
  if (found.length > 0 && (wrapper.isTransient || !wrapper.isDependencyTreeStatic())) {
    throw new TaskWiringError(
      `${wrapper.name} handles tasks but is scoped: a worker has one instance of each handler, and no requests. Remove the scope.`,
    );
  }
  return found;
}
