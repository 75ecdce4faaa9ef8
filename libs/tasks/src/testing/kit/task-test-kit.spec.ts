import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Injectable,
  Module,
  Post,
  UseGuards,
  UsePipes,
  type CanActivate,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import type { Broker } from '../../broker/broker.js';
import { MemoryBroker } from '../../broker/memory/memory-broker.js';
import { deadLetterQueue, taskTopology } from '../../broker/topology.js';
import { TaskClient } from '../../client/task-client.js';
import { defineTask } from '../../contract/define-task.js';
import { BROKER, TASK_STORE } from '../../tasks.module-definition.js';
import { TasksModule } from '../../tasks.module.js';
import type { TaskContext } from '../../worker/task-context.js';
import { SnoozeTaskError } from '../../worker/task-errors.js';
import { TaskHandler } from '../../worker/handlers/task-handler.decorator.js';
import { TaskWorkerModule } from '../../worker/task-worker.module.js';
import { TaskTestKit, type HandlersUnderTest } from './task-test-kit.js';

const fetchPage = defineTask({
  name: 'crawl.fetch',
  input: z.object({ url: z.string(), depth: z.number().default(0) }),
  queue: 'crawl',
  maxRetries: 12,
  retryJitter: false,
});
const indexPage = defineTask({
  name: 'crawl.index',
  input: z.object({ url: z.string(), fetchedAt: z.unknown() }),
  queue: 'crawl',
});
const unhandled = defineTask({ name: 'crawl.unhandled', input: z.object({}), queue: 'crawl' });
const elsewhere = defineTask({ name: 'reports.build', input: z.object({ year: z.number() }), queue: 'reports' });

type FetchPage = { url: string; depth: number };

const site = { url: 'http://example.com', depth: 0 };

/** What the next fetches bring, and what was done. */
@Injectable()
class Web {
  readonly answers: Error[] = [];
  readonly done: string[] = [];
}

class HttpOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToRpc().getData<FetchPage>().url.includes('http');
  }
}

class Trimmed implements PipeTransform {
  transform(value: FetchPage | TaskContext): unknown {
    return 'url' in value ? { ...value, url: value.url.trim() } : value;
  }
}

@Injectable()
class CrawlHandler {
  constructor(
    private readonly web: Web,
    private readonly tasks: TaskClient,
  ) {}

  @TaskHandler(fetchPage)
  @UseGuards(HttpOnly)
  @UsePipes(Trimmed)
  async fetch({ url, depth }: FetchPage, { retries }: TaskContext): Promise<{ url: string; retries: number }> {
    const answer = this.web.answers.shift();
    if (answer !== undefined) throw answer;
    this.web.done.push(`fetched ${url}`);
    if (depth > 0) await this.tasks.delay(fetchPage, { url: `${url}/next`, depth: depth - 1 });
    await this.tasks.delay(indexPage, { url, fetchedAt: new Date(0) });
    return { url, retries };
  }

  @TaskHandler(indexPage)
  index({ url, fetchedAt }: { url: string; fetchedAt: unknown }): void {
    this.web.done.push(`indexed ${url} of ${typeof fetchedAt} ${String(fetchedAt)}`);
  }
}

let kit: TaskTestKit;

afterEach(() => kit?.close());

async function start(options: Partial<HandlersUnderTest> = {}): Promise<Web> {
  kit = await TaskTestKit.create({ providers: [Web, CrawlHandler], contracts: [fetchPage], ...options });
  return kit.get(Web);
}

function failures(count: number): Error[] {
  return Array.from({ length: count }, (_, n) => new RangeError(`failure ${n}`));
}

describe('the clock of the kit', () => {
  it('lets an hour of retries pass at once', async () => {
    const web = await start();
    web.answers.push(...failures(12));
    const startMs = kit.now().getTime();
    const { id } = await kit.tasks.delay(fetchPage, site);
    const runs = (await kit.advance(3600)).filter(({ taskId }) => taskId === id);
    const seconds = runs.map(({ at }) => (at.getTime() - startMs) / 1000);
    expect(seconds).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1623, 2223]);
    expect(runs.map(({ state }) => state)).toEqual([...Array.from({ length: 12 }, () => 'RETRY'), 'SUCCESS']);
    expect(runs.at(-1)).toMatchObject({ result: { retries: 12 }, retries: 12, error: null });
    expect(kit.now().getTime()).toBe(startMs + 3_600_000);
    expect(kit.store.task(id)).toMatchObject({ state: 'SUCCESS', generation: 12, deaths: 0 });
  });

  it('leaves a retry alone until it is due', async () => {
    const web = await start();
    web.answers.push(...failures(1));
    await kit.tasks.delay(fetchPage, site);
    expect(await kit.drain()).toMatchObject([{ state: 'RETRY', error: { type: 'RangeError', message: 'failure 0' } }]);
    kit.assertEnqueued(fetchPage, site, { countdown: 1, retries: 1 });
    expect(await kit.drain()).toEqual([]);
    expect(await kit.drain({ includingScheduled: true })).toMatchObject([
      { name: 'crawl.fetch' },
      { name: 'crawl.index' },
    ]);
  });

  it('keeps a countdown', async () => {
    await start();
    await kit.tasks.applyAsync(fetchPage, site, { countdown: 60 });
    kit.assertEnqueued(fetchPage, {}, { countdown: 60 });
    expect([await kit.drain(), await kit.advance(59.999)]).toEqual([[], []]);
    kit.assertEnqueued(fetchPage, {}, { countdown: 0.001 });
    expect(await kit.advance(0.001)).toMatchObject([{ state: 'SUCCESS' }, {}]);
  });

  it('keeps an eta', async () => {
    await start();
    const eta = new Date(kit.now().getTime() + 86_400_000);
    await kit.tasks.applyAsync(fetchPage, site, { eta });
    kit.assertEnqueued(fetchPage, {}, { eta });
    const [run] = await kit.drain({ includingScheduled: true });
    expect(run?.at).toEqual(eta);
  });

  it('has tasks expire', async () => {
    const web = await start();
    const { id } = await kit.tasks.applyAsync(fetchPage, site, { countdown: 60, expires: 30 });
    expect(await kit.drain({ includingScheduled: true })).toEqual([]);
    expect(kit.store.task(id)).toMatchObject({ state: 'REVOKED' });
    expect(web.done).toEqual([]);
  });

  it('keeps a rate', async () => {
    await start();
    await kit.tasks.setRateLimit(fetchPage, '2/m');
    const calls = Array.from({ length: 5 }, () => ({ input: site }));
    await kit.tasks.enqueueMany(fetchPage, calls);
    expect(await kit.drain()).toHaveLength(2);
    expect(await kit.advance(60)).toHaveLength(4);
    expect(await kit.advance(60)).toHaveLength(4);
  });

  it('keeps the worker alive over whatever time', async () => {
    await start();
    await kit.advance(86_400);
    const { id } = await kit.tasks.delay(fetchPage, site);
    expect((await kit.store.outbox.standings([id])).workers).toHaveLength(1);
    expect(await kit.drain()).toHaveLength(2);
  });
});

describe('a run in the kit', () => {
  it('is like one in production: what it sends is run as well, and its input is what JSON makes of it', async () => {
    const web = await start();
    await kit.tasks.delay(fetchPage, { url: 'http://example.com', depth: 1 });
    const runs = await kit.drain();
    expect(runs.map(({ name, input }) => [name, input])).toEqual([
      ['crawl.fetch', { url: 'http://example.com', depth: 1 }],
      ['crawl.fetch', { url: 'http://example.com/next', depth: 0 }],
      ['crawl.index', { url: 'http://example.com', fetchedAt: '1970-01-01T00:00:00.000Z' }],
      ['crawl.index', { url: 'http://example.com/next', fetchedAt: '1970-01-01T00:00:00.000Z' }],
    ]);
    expect(web.done.at(-1)).toBe('indexed http://example.com/next of string 1970-01-01T00:00:00.000Z');
  });

  it('does not come of a task that was revoked', async () => {
    await start();
    const { id } = await kit.tasks.delay(fetchPage, site);
    expect(await kit.tasks.revoke(id)).toBe('revoked');
    expect(await kit.drain()).toEqual([]);
    expect(kit.store.task(id)).toMatchObject({ state: 'REVOKED' });
  });

  it('has a result for its caller', async () => {
    await start();
    const result = await kit.tasks.delay(fetchPage, site);
    await kit.drain();
    expect(await result.get()).toEqual({ url: site.url, retries: 0 });
    expect(await result.attempts()).toMatchObject([{ number: 1, outcome: 'SUCCESS' }]);
  });

  it('is not made twice of a unique task', async () => {
    const once = { ...fetchPage, uniqueFor: 3600 };
    await start();
    const [first, second] = [await kit.tasks.delay(once, site), await kit.tasks.delay(once, site)];
    expect([second.id, second.duplicate]).toEqual([first.id, true]);
    expect(kit.enqueued(once)).toHaveLength(1);
  });

  it('can be put off, at no cost', async () => {
    const web = await start();
    web.answers.push(new SnoozeTaskError('closed at night', 300));
    await kit.tasks.delay(fetchPage, site);
    expect(await kit.drain()).toMatchObject([{ state: 'SNOOZE', retries: 0 }]);
    expect(kit.assertEnqueued(fetchPage, {}, { countdown: 300 })).toMatchObject({ waitReason: 'snoozed' });
    await kit.tasks.wakeSnoozed(fetchPage);
    expect(await kit.drain()).toMatchObject([{ state: 'SUCCESS', retries: 0, result: { retries: 0 } }, {}]);
  });

  it('makes a dead letter of input that its contract refuses', async () => {
    await start();
    const { name, queue } = fetchPage;
    const asOldVersionsSentIt = defineTask({ name, queue, input: z.object({ address: z.string() }) });
    await kit.tasks.delay(asOldVersionsSentIt, { address: 'http://example.com' });
    expect(await kit.drain()).toMatchObject([{ state: 'FAILURE', error: { type: 'InvalidTaskInputError' } }]);
    expect(await kit.get<Broker>(BROKER).queueInfo(deadLetterQueue('crawl'))).toMatchObject({ messages: 1 });
  });

  it('is not there for tasks without a handler, nor for those that others run: they go on waiting', async () => {
    await start();
    await kit.tasks.delay(unhandled, {});
    await kit.tasks.delay(elsewhere, { year: 2026 });
    expect(await kit.drain({ includingScheduled: true })).toEqual([]);
    expect(kit.assertEnqueued(unhandled)).toMatchObject({ waitReason: 'no_handler' });
    kit.assertEnqueued(elsewhere, { year: 2026 }, { queue: 'reports' });
  });

  it('comes to an end, or the kit says that it does not', async () => {
    const patient = { ...fetchPage, maxRetries: null };
    @Injectable()
    class Hopeless {
      @TaskHandler(patient)
      fail(): never {
        throw new Error('as always');
      }
    }
    await start({ providers: [Web, Hopeless] });
    await kit.tasks.delay(patient, site);
    await expect(kit.drain({ includingScheduled: true })).rejects.toThrow(/10000 rounds: crawl\.fetch/);
  });
});

describe('perform', () => {
  it('runs a handler once, with its guards and pipes, and nothing else', async () => {
    const web = await start();
    await kit.tasks.delay(fetchPage, site);
    const run = await kit.perform(fetchPage, { url: ' http://example.org ', depth: 0 });
    expect(run).toMatchObject({ state: 'SUCCESS', result: { url: 'http://example.org', retries: 0 } });
    expect(web.done).toEqual(['fetched http://example.org']);
    expect(await kit.perform(fetchPage, { url: 'ftp://example.org', depth: 0 })).toMatchObject({
      state: 'RETRY',
      error: { type: 'ForbiddenException' },
    });
    expect(kit.enqueued(fetchPage)).toMatchObject([{ input: site }]);
    expect(kit.enqueued(indexPage)).toHaveLength(1);
  });

  it('runs at once what is put off, gives it its headers, and refuses input as a call does', async () => {
    await start();
    expect(await kit.perform(fetchPage, site, { countdown: 60 })).toMatchObject({ state: 'SUCCESS' });
    await expect(kit.perform(fetchPage, { url: 7 } as never)).rejects.toThrow(/url: /);
  });

  it('says why nothing was run', async () => {
    await start();
    await expect(kit.perform(fetchPage, site, { expires: new Date(0) })).rejects.toThrow(/not run: it is REVOKED/);
    await expect(kit.perform(unhandled, {})).rejects.toThrow(
      'Task crawl.unhandled was not run: this app has no handler for it.',
    );
    expect(await kit.drain({ includingScheduled: true })).toEqual([]);
  });
});

describe('eager mode', () => {
  it('has a call resolve when its task has been run, and what that sent', async () => {
    const web = await start({ eager: true });
    const { id } = await kit.tasks.delay(fetchPage, site);
    expect(kit.store.task(id)).toMatchObject({ state: 'SUCCESS' });
    expect(web.done).toEqual([
      'fetched http://example.com',
      'indexed http://example.com of string 1970-01-01T00:00:00.000Z',
    ]);
  });

  it('does so for calls at the same time, for many at once and for those in a transaction', async () => {
    const web = await start({ eager: true });
    const calls = ['a', 'b'].map((name) => ({ url: `http://${name}`, fetchedAt: 0 }));
    await Promise.all(
      calls.map(async (input) => {
        const { id } = await kit.tasks.delay(indexPage, input);
        expect(kit.store.task(id)).toMatchObject({ state: 'SUCCESS' });
      }),
    );
    await kit.tasks.enqueueMany(indexPage, [{ input: { url: 'http://c', fetchedAt: 0 } }]);
    await kit.store.transaction(async (manager) => {
      await kit.tasks.within(manager).applyAsync(indexPage, { url: 'http://d', fetchedAt: 0 });
      expect(web.done).toHaveLength(3);
    });
    expect(web.done.map((line) => line.split(' ')[1])).toEqual(['http://a', 'http://b', 'http://c', 'http://d']);
  });

  it('leaves what is scheduled, and retries, to their time', async () => {
    const web = await start({ eager: true });
    web.answers.push(...failures(1));
    await kit.tasks.delay(fetchPage, site);
    await kit.tasks.applyAsync(indexPage, { url: 'later', fetchedAt: 0 }, { countdown: 60 });
    expect(kit.enqueued().map(({ countdown }) => countdown)).toEqual([1, 60]);
  });
});

describe('what waits', () => {
  it('is found by as much of it as matters', async () => {
    await start();
    await kit.tasks.applyAsync(fetchPage, site, { priority: 5, headers: { tenant: 'acme', level: 3 } });
    const { id } = await kit.tasks.delay(fetchPage, { url: 'http://example.org', depth: 2 });
    expect(kit.assertEnqueued(fetchPage, { depth: 2 })).toMatchObject({ id, countdown: 0, priority: 0 });
    kit.assertEnqueued(fetchPage, {}, { priority: 5, headers: { tenant: 'acme' }, queue: 'crawl' });
    expect(kit.enqueued(fetchPage)).toHaveLength(2);
    await kit.tasks.delay(indexPage, { url: 'x', fetchedAt: new Date(0) });
    kit.assertEnqueued(indexPage, { fetchedAt: new Date(0) });
  });

  it('is told when it is not what was expected', async () => {
    await start();
    expect(() => kit.assertEnqueued(fetchPage, { depth: 3 })).toThrow(
      'Expected a task crawl.fetch that waits with {"input":{"depth":3}}.\nNothing waits.',
    );
    await kit.tasks.delay(indexPage, { url: 'x', fetchedAt: 0 });
    expect(() => kit.assertEnqueued(fetchPage)).toThrow(/\nOf it there waits none, but of crawl\.index\.$/);
    await kit.tasks.applyAsync(fetchPage, { url: 'a', depth: 1 }, { countdown: 5 });
    await kit.tasks.delay(fetchPage, { url: 'b', depth: 2 });
    expect(() => kit.assertEnqueued(fetchPage, { depth: 1 }, { countdown: 0 })).toThrow(
      [
        'Expected a task crawl.fetch that waits with {"input":{"depth":1},"countdown":0}.',
        'Of it there wait 2:',
        '  {"input":{"url":"a","depth":1},"queue":"crawl","priority":0,"headers":{},"countdown":5,"retries":0}',
        '  {"input":{"url":"b","depth":2},"queue":"crawl","priority":0,"headers":{},"countdown":0,"retries":0}',
      ].join('\n'),
    );
    expect(() => kit.assertEnqueued(indexPage, { fetchedAt: [0] })).toThrow(/NotEnqueued|Expected a task/);
  });
});

describe("an app's own modules", () => {
  /** Like RabbitMQ's, that a test may not keep open. */
  class ClosableBroker extends MemoryBroker {
    closed = false;

    override async close(): Promise<void> {
      this.closed = true;
    }
  }

  const broker = new ClosableBroker(taskTopology(['crawl']));
  const Sending = TasksModule.forRootAsync({ useFactory: () => ({ broker, queues: ['crawl'] }) });

  @Module({ imports: [Sending], providers: [Web] })
  class SendingApp {}

  @Module({
    imports: [Sending, TaskWorkerModule.forRoot({ queues: ['crawl'], concurrency: 4, shutdownTimeoutMs: 100 })],
    providers: [Web, CrawlHandler],
  })
  class WorkingApp {}

  it('run on the kit, without a database and without their broker', async () => {
    kit = await TaskTestKit.from(Test.createTestingModule({ imports: [WorkingApp] }));
    expect(broker.closed).toBe(true);
    await kit.app.get(TaskClient, { strict: false }).delay(fetchPage, site);
    expect(await kit.drain()).toMatchObject([{ state: 'SUCCESS' }, { state: 'SUCCESS' }]);
  });

  it('may send tasks and run none', async () => {
    kit = await TaskTestKit.from(Test.createTestingModule({ imports: [SendingApp] }));
    await kit.tasks.delay(fetchPage, site);
    kit.assertEnqueued(fetchPage, site);
    await expect(kit.drain()).rejects.toThrow(/runs no tasks: import TaskWorkerModule/);
  });

  it('may send over HTTP', async () => {
    @Controller()
    class CrawlController {
      constructor(private readonly tasks: TaskClient) {}

      @Post('pages')
      crawl(): Promise<{ id: string }> {
        return this.tasks.delay(fetchPage, site);
      }
    }
    const builder = Test.createTestingModule({ imports: [WorkingApp], controllers: [CrawlController] });
    const http = await TaskTestKit.from(builder, {
      createApp: (module) => module.createNestApplication<NestFastifyApplication>(new FastifyAdapter()),
    });
    try {
      await http.app.listen(0, '127.0.0.1');
      const { status } = await fetch(`${await http.app.getUrl()}/pages`, { method: 'POST' });
      expect(status).toBe(201);
      http.assertEnqueued(fetchPage, site);
      expect(await http.drain()).toHaveLength(2);
    } finally {
      await http.close();
    }
  });

  it('may send in transactions: of the kit, which stands in for a data source', async () => {
    @Injectable()
    class Orders {
      constructor(
        private readonly dataSource: DataSource,
        private readonly tasks: TaskClient,
      ) {}

      async place(isRight: boolean): Promise<void> {
        await this.dataSource.transaction(async (manager) => {
          await this.tasks.within(manager).applyAsync(fetchPage, site);
          if (!isRight) throw new Error('never mind');
        });
      }
    }
    const providers = [Orders, { provide: DataSource, useExisting: TASK_STORE }];
    kit = await TaskTestKit.from(Test.createTestingModule({ imports: [SendingApp], providers }));
    await expect(kit.get(Orders).place(false)).rejects.toThrow('never mind');
    expect(kit.enqueued()).toEqual([]);
    await kit.get(Orders).place(true);
    kit.assertEnqueued(fetchPage, site);
  });

  it('leave no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await start();
    await kit.tasks.delay(fetchPage, site);
    await kit.drain();
    await kit.close();
    expect(timers()).toBeLessThanOrEqual(before);
  });
});

describe('docs/testing-tasks.md', () => {
  it('shows example.spec.ts', () => {
    const read = (path: string): string => readFileSync(`${import.meta.dirname}/${path}`, 'utf8');
    expect(read('../../../../../docs/testing-tasks.md')).toContain(`\n\`\`\`ts\n${read('example.spec.ts')}\`\`\`\n`);
  });
});
