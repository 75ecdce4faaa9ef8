import type { DataSource, EntityManager } from 'typeorm';
import { NaturalBatch } from '../natural-batch.js';
import type { Enqueued, NewTask } from '../task-store.js';
import { idsOf } from './columns.js';
import { ENQUEUE, enqueueValues } from './enqueue.js';
import { ENQUEUE_UNIQUE, enqueueUniqueValues } from './enqueue-unique.js';
import { HotConnection, runNamed, runnerOf, type NamedStatement } from './hot-connection.js';

const MOST_IN_A_STATEMENT = 1000;

type Run = <Row>(statement: NamedStatement, values: unknown[]) => Promise<Row[]>;

/**
 * Writes new tasks. Those with a key go by a statement of their own, on a connection of their own: it may have to wait
 * for another producer's transaction, and nobody else should.
 */
export class Enqueuer {
  private readonly uniques: HotConnection;
  private readonly plainBatch: NaturalBatch<NewTask, Enqueued>;
  private readonly uniqueBatch: NaturalBatch<NewTask, Enqueued>;

  constructor(
    private readonly dataSource: DataSource,
    plains: HotConnection,
  ) {
    this.uniques = new HotConnection(dataSource);
    this.plainBatch = batchOf((statement, values) => plains.query(statement, values), writePlain);
    this.uniqueBatch = batchOf((statement, values) => this.uniques.query(statement, values), writeUnique);
  }

  one(task: NewTask): Promise<Enqueued> {
    return (task.unique === null ? this.plainBatch : this.uniqueBatch).add(task);
  }

  many(tasks: readonly NewTask[]): Promise<Enqueued[]> {
    return this.dataSource.transaction((manager) => this.within(manager, tasks));
  }

  async within(manager: EntityManager, tasks: readonly NewTask[]): Promise<Enqueued[]> {
    const runner = runnerOf(manager);
    const run: Run = (statement, values) => runNamed(runner, statement, values);
    const plain = tasks.filter(({ unique }) => unique === null);
    // In the order of their keys over all statements, so that two such calls cannot deadlock.
    const unique = tasks.filter((task) => task.unique !== null).toSorted(byKey);
    const answers = new Map([
      ...(await inChunks(plain, (chunk) => writePlain(run, chunk))),
      ...(await inChunks(unique, (chunk) => writeUnique(run, chunk))),
    ]);
    return tasks.map((task) => answers.get(task) as Enqueued);
  }

  async close(): Promise<void> {
    await Promise.all([this.plainBatch.drain(), this.uniqueBatch.drain()]);
    await this.uniques.close();
  }
}

type Write = (run: Run, tasks: readonly NewTask[]) => Promise<Map<NewTask, Enqueued>>;

function batchOf(run: Run, write: Write): NaturalBatch<NewTask, Enqueued> {
  return new NaturalBatch({
    whenAway: 'throw',
    flush: async (tasks) => {
      const answers = await write(run, tasks);
      return tasks.map((task) => answers.get(task) as Enqueued);
    },
  });
}

const writePlain: Write = (run, tasks) =>
  eachIdOnce(tasks, async (firsts) => {
    const stored = idsOf(await run<{ id: string }>(ENQUEUE, enqueueValues(firsts)));
    return firsts.map(({ id }) => ({ id, isNew: stored.has(id) }));
  });

const writeUnique: Write = (run, tasks) =>
  eachIdOnce(tasks, (firsts) => run<Enqueued>(ENQUEUE_UNIQUE, enqueueUniqueValues(firsts)));

/** Calls with one id are one task, that of the first: a statement writes each row once. */
async function eachIdOnce(
  tasks: readonly NewTask[],
  write: (firsts: NewTask[]) => Promise<Enqueued[]>,
): Promise<Map<NewTask, Enqueued>> {
  const firsts = new Map<string, NewTask>();
  for (const task of tasks) if (!firsts.has(task.id)) firsts.set(task.id, task);
  const written = await write([...firsts.values()]);
  const answers = new Map([...firsts.keys()].map((id, index) => [id, written[index] as Enqueued]));
  return new Map(
    tasks.map((task) => {
      const answer = answers.get(task.id) as Enqueued;
      return [task, firsts.get(task.id) === task ? answer : { ...answer, isNew: false }];
    }),
  );
}

async function inChunks(
  tasks: readonly NewTask[],
  write: (chunk: readonly NewTask[]) => Promise<Map<NewTask, Enqueued>>,
): Promise<Map<NewTask, Enqueued>> {
  const answers = new Map<NewTask, Enqueued>();
  for (let from = 0; from < tasks.length; from += MOST_IN_A_STATEMENT) {
    for (const answer of await write(tasks.slice(from, from + MOST_IN_A_STATEMENT))) answers.set(...answer);
  }
  return answers;
}

function byKey(one: NewTask, other: NewTask): number {
  return Buffer.compare(one.unique?.key as Buffer, other.unique?.key as Buffer);
}
