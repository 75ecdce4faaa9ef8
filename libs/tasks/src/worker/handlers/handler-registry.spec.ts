import { Injectable, Scope, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineTask } from '../../contract/define-task.js';
import { TaskContext, type RunControl } from '../task-context.js';
import { TaskWiringError } from '../task-errors.js';
import type { TaskFacts } from '../task-facts.js';
import { threadHandler } from '../threads/thread-handler.js';
import { ThreadPool } from '../threads/thread-pool.js';
import { HandlerRegistry } from './handler-registry.js';
import { TaskHandler } from './task-handler.decorator.js';

const greet = defineTask({ name: 'greet', queue: 'a', input: z.object({ name: z.string() }) });
const part = defineTask({ name: 'part', queue: 'a', input: z.object({ name: z.string() }) });
type Greet = { name: string };
const threads = new ThreadPool({}, { warn: () => undefined });

async function handlersOf(providers: Provider[]) {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [HandlerRegistry, ...providers],
  }).compile();
  return module.get(HandlerRegistry).find({}, threads);
}

function context(): TaskContext {
  const facts = { id: 'task-1', name: 'greet' } as TaskFacts;
  return new TaskContext(facts, new AbortController().signal, { heldLoop: () => undefined } as unknown as RunControl);
}

async function runGreet(provider: Provider): Promise<unknown> {
  return (await handlersOf([provider])).get('greet')?.run({ name: 'Ada' }, context());
}

describe('HandlerRegistry', () => {
  it('finds the marked methods of all providers, by task name, with their contracts', async () => {
    @Injectable()
    class Both {
      @TaskHandler(greet)
      greet(input: Greet): string {
        return `Hello ${input.name}`;
      }

      @TaskHandler(part)
      part(input: Greet): string {
        return `Bye ${input.name}`;
      }

      unmarked(): void {}
    }
    const handlers = await handlersOf([Both]);
    expect([...handlers.keys()]).toEqual(['greet', 'part']);
    expect(handlers.get('part')).not.toHaveProperty('hooks', expect.anything());
    expect(handlers.get('part')?.contract).toMatchObject({ name: part.name, queue: part.queue });
    await expect(handlers.get('part')?.run({ name: 'Ada' }, context())).resolves.toBe('Bye Ada');
  });

  it('calls the handler on its instance, with input and context', async () => {
    @Injectable()
    class Handler {
      private readonly greeting = 'Hello';

      @TaskHandler(greet)
      async greet(input: Greet, task: TaskContext): Promise<string> {
        return `${this.greeting} ${input.name}, this is ${task.id}`;
      }
    }
    await expect(runGreet(Handler)).resolves.toBe('Hello Ada, this is task-1');
  });

  it('refuses annotations that make no sense', async () => {
    @Injectable()
    class Handler {
      @TaskHandler(greet)
      greet(): void {}
    }
    const module = await Test.createTestingModule({
      imports: [DiscoveryModule],
      providers: [HandlerRegistry, Handler],
    }).compile();
    const annotations = { '*': { timeLimit: 10 }, greet: { softTimeLimit: 20 } };
    expect(() => module.get(HandlerRegistry).find(annotations, threads)).toThrow(
      'Task greet has softTimeLimit=20: expected no more than the timeLimit, 10.',
    );
  });

  it('finds a handler that a base class marks', async () => {
    class Base {
      @TaskHandler(greet)
      greet(input: Greet): string {
        return `${this.constructor.name} greets ${input.name}`;
      }
    }
    @Injectable()
    class Derived extends Base {}
    await expect(runGreet(Derived)).resolves.toBe('Derived greets Ada');
  });

  it('finds a provider that an alias names once', async () => {
    @Injectable()
    class Handler {
      @TaskHandler(greet)
      greet(): string {
        return 'Hello';
      }
    }
    const handlers = await handlersOf([Handler, { provide: 'ALIAS', useExisting: Handler }]);
    await expect(handlers.get('greet')?.run({ name: 'Ada' }, context())).resolves.toBe('Hello');
  });

  it('refuses two handlers for one contract, and names both', async () => {
    @Injectable()
    class One {
      @TaskHandler(greet)
      greet(): void {}
    }
    @Injectable()
    class Two {
      @TaskHandler(greet)
      welcome(): void {}
    }
    const found = handlersOf([One, Two]);
    await expect(found).rejects.toThrow(TaskWiringError);
    await expect(found).rejects.toThrow('Task greet has two handlers, One.greet and Two.welcome: remove one of them.');
  });

  it('finds the providers of threadHandler', async () => {
    const handlers = await handlersOf([threadHandler(greet, new URL(import.meta.url))]);
    expect(handlers.get('greet')).toMatchObject({ contract: { name: 'greet' }, pool: 'threads' });
  });

  it('refuses a second handler for a task that a thread handles', async () => {
    @Injectable()
    class One {
      @TaskHandler(greet)
      greet(): void {}
    }
    const found = handlersOf([One, threadHandler(greet, new URL(import.meta.url))]);
    await expect(found).rejects.toThrow(TaskWiringError);
    await expect(found).rejects.toThrow(/two handlers, One\.greet and file:.*handler-registry\.spec\.ts: remove one/);
  });

  it('refuses a request-scoped handler', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped {
      @TaskHandler(greet)
      greet(): void {}
    }
    const found = handlersOf([Scoped]);
    await expect(found).rejects.toThrow(TaskWiringError);
    await expect(found).rejects.toThrow('Scoped handles tasks but is scoped');
  });

  it('refuses a transient handler, of which there is no instance to call', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {
      @TaskHandler(greet)
      greet(): void {}
    }
    await expect(handlersOf([Transient])).rejects.toThrow(TaskWiringError);
  });

  it('refuses a handler that depends on something request-scoped', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {}
    @Injectable()
    class Dependent {
      constructor(readonly dependency: PerRequest) {}

      @TaskHandler(greet)
      greet(): void {}
    }
    await expect(handlersOf([PerRequest, Dependent])).rejects.toThrow(TaskWiringError);
  });
});
