import {
  Catch,
  ForbiddenException,
  Injectable,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type ArgumentMetadata,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, DiscoveryModule, Reflector } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it, jest } from '@jest/globals';
import { map, type Observable } from 'rxjs';
import { z } from 'zod';
import { defineTask } from '../../contract/define-task.js';
import { SnoozeTaskError } from '../task-errors.js';
import { TaskContext, type RunControl } from '../task-context.js';
import type { TaskFacts } from '../task-facts.js';
import { ThreadPool } from '../threads/thread-pool.js';
import { HandlerRegistry } from './handler-registry.js';
import { TaskHandler } from './task-handler.decorator.js';

const greet = defineTask({ name: 'greet', queue: 'a', input: z.object({ name: z.string() }) });
type Greet = { name: string };

/** What a handler throws: only its class can tell a filter what it is. */
class BusyError extends Error {
  override readonly name = 'BusyError';
}

/** Nest's log; what it says of errors is looked at. */
const logger = { log: jest.fn(), warn: jest.fn(), error: jest.fn(), debug: jest.fn(), fatal: jest.fn() };

/** Calls the handler of `greet` among these providers, in a real application. */
async function runGreet(...providers: Provider[]): Promise<unknown> {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [HandlerRegistry, ...providers],
  })
    .setLogger(logger)
    .compile();
  const facts = { id: 'task-1', name: 'greet' } as TaskFacts;
  const control = { heldLoop: () => undefined } as unknown as RunControl;
  const task = new TaskContext(facts, new AbortController().signal, control);
  return module
    .get(HandlerRegistry)
    .find({}, new ThreadPool({}, { warn: () => undefined }))
    .get('greet')
    ?.run({ name: 'Ada' }, task);
}

describe('a guard on a handler', () => {
  it('sees an rpc context with the input as data, and lets pass', async () => {
    const seen: unknown[] = [];
    class Witness implements CanActivate {
      canActivate(host: ExecutionContext): boolean {
        const rpc = host.switchToRpc();
        seen.push(host.getType(), rpc.getData(), rpc.getContext(), host.getClass().name, host.getHandler().name);
        seen.push(new Reflector().get('roles', host.getHandler()));
        return true;
      }
    }
    @Injectable()
    class Handler {
      @SetMetadata('roles', ['admin'])
      @UseGuards(Witness)
      @TaskHandler(greet)
      greet(): string {
        return 'Hello';
      }
    }
    await expect(runGreet(Handler)).resolves.toBe('Hello');
    expect(seen).toEqual(['rpc', { name: 'Ada' }, expect.any(TaskContext), 'Handler', 'greet', ['admin']]);
  });

  it('that denies makes an error, and the handler is not called', async () => {
    const called = jest.fn();
    class Deny implements CanActivate {
      canActivate(): boolean {
        return false;
      }
    }
    @Injectable()
    class Handler {
      @UseGuards(Deny)
      @TaskHandler(greet)
      greet(): void {
        called();
      }
    }
    await expect(runGreet(Handler)).rejects.toBeInstanceOf(ForbiddenException);
    expect(called).not.toHaveBeenCalled();
  });
});

describe('a pipe on a handler', () => {
  /** Notes in the input that it was there; leaves the context alone. */
  class Note implements PipeTransform {
    constructor(private readonly text: string) {}

    transform(value: unknown, _metadata: ArgumentMetadata): unknown {
      return value instanceof TaskContext ? value : { name: `${(value as Greet).name} ${this.text}` };
    }
  }

  it('transforms the input, on the method', async () => {
    @Injectable()
    class Handler {
      @UsePipes(new Note('by method'))
      @TaskHandler(greet)
      greet(input: Greet, task: TaskContext): string {
        return `${input.name}, ${task.id}`;
      }
    }
    await expect(runGreet(Handler)).resolves.toBe('Ada by method, task-1');
  });

  it('transforms the input, on the class, before the one on the method', async () => {
    @Injectable()
    @UsePipes(new Note('by class'))
    class Handler {
      @UsePipes(new Note('and method'))
      @TaskHandler(greet)
      greet(input: Greet): string {
        return input.name;
      }
    }
    await expect(runGreet(Handler)).resolves.toBe('Ada by class and method');
  });

  it('refuses the input by what it throws', async () => {
    class Refuse implements PipeTransform {
      transform(): never {
        throw new BusyError('not this');
      }
    }
    @Injectable()
    class Handler {
      @UsePipes(Refuse)
      @TaskHandler(greet)
      greet(): void {}
    }
    await expect(runGreet(Handler)).rejects.toBeInstanceOf(BusyError);
  });
});

describe('an interceptor on a handler', () => {
  it('wraps the result', async () => {
    class Wrap implements NestInterceptor {
      intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
        return next.handle().pipe(map((result: unknown) => ({ type: host.getType(), result })));
      }
    }
    @Injectable()
    class Handler {
      @UseInterceptors(Wrap)
      @TaskHandler(greet)
      greet(input: Greet): string {
        return `Hello ${input.name}`;
      }
    }
    await expect(runGreet(Handler)).resolves.toEqual({ type: 'rpc', result: 'Hello Ada' });
  });
});

describe('a filter on a handler', () => {
  it('turns an error into a result, by the class of the error', async () => {
    @Catch(BusyError)
    class Soften implements ExceptionFilter {
      catch(error: BusyError, host: ArgumentsHost): object {
        return { softened: error.message, type: host.getType(), data: host.switchToRpc().getData<Greet>() };
      }
    }
    @Injectable()
    class Handler {
      @UseFilters(Soften)
      @TaskHandler(greet)
      greet(): void {
        throw new BusyError('busy');
      }
    }
    await expect(runGreet(Handler)).resolves.toEqual({ softened: 'busy', type: 'rpc', data: { name: 'Ada' } });
  });

  it('may throw another error instead', async () => {
    @Catch()
    class Translate implements ExceptionFilter {
      catch(error: Error): never {
        throw new BusyError(`was ${error.message}`);
      }
    }
    @Injectable()
    @UseFilters(Translate)
    class Handler {
      @TaskHandler(greet)
      greet(): void {
        throw new Error('x');
      }
    }
    await expect(runGreet(Handler)).rejects.toThrow(new BusyError('was x'));
  });

  it('never sees how a run ends on purpose', async () => {
    @Catch()
    class Swallow implements ExceptionFilter {
      catch(): string {
        return 'swallowed';
      }
    }
    @Injectable()
    @UseFilters(Swallow)
    class Handler {
      @TaskHandler(greet)
      greet(): void {
        throw new SnoozeTaskError('not now', 5);
      }
    }
    await expect(runGreet(Handler)).rejects.toThrow(SnoozeTaskError);
  });

  it('also takes the error of a guard', async () => {
    @Catch(ForbiddenException)
    class Soften implements ExceptionFilter {
      catch(): string {
        return 'not allowed';
      }
    }
    class Deny implements CanActivate {
      canActivate(): boolean {
        return false;
      }
    }
    @Injectable()
    @UseFilters(Soften)
    class Handler {
      @UseGuards(Deny)
      @TaskHandler(greet)
      greet(): void {}
    }
    await expect(runGreet(Handler)).resolves.toBe('not allowed');
  });

  it('applies when it is global', async () => {
    @Catch(BusyError)
    class Soften implements ExceptionFilter {
      catch(): string {
        return 'softened';
      }
    }
    @Injectable()
    class Handler {
      @TaskHandler(greet)
      greet(): void {
        throw new BusyError('busy');
      }
    }
    await expect(runGreet(Handler, { provide: APP_FILTER, useClass: Soften })).resolves.toBe('softened');
  });

  it('that does not take the error lets it through as it was, and Nest logs nothing', async () => {
    @Catch(ForbiddenException)
    class Other implements ExceptionFilter {
      catch(): string {
        return 'taken';
      }
    }
    const error = new BusyError('busy');
    @Injectable()
    @UseFilters(Other)
    class Handler {
      @TaskHandler(greet)
      greet(): void {
        throw error;
      }
    }
    await expect(runGreet(Handler)).rejects.toBe(error);
    expect(logger.error).not.toHaveBeenCalled();
  });
});
