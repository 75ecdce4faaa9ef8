import { v7 as uuidv7 } from 'uuid';
import type { DataSource, EntityManager } from 'typeorm';
import type { EntrySender } from '../sending/entry-sender.js';
import { definitionOf, type Entry, type EntryDefinition } from '../entry/entry.js';
import { InvalidEntryError } from '../entry/invalid-entry.error.js';
import { parseEntry, type NewEntry } from '../entry/parse-entry.js';
import { ScheduleEntryEntity } from '../store/entities/schedule-entry.entity.js';
import { toEntry } from '../store/entry-row.js';
import { databaseTime, insertEntry, updateEntry } from '../store/write-entry.js';
import { nextRuns } from '../timing/runs.js';
import { UnknownEntryError } from './unknown-entry.error.js';

/** What of an entry can be changed: all but its name. */
export type EntryChanges = Partial<Omit<EntryDefinition, 'name'>>;

/** Which entries are wanted. */
export interface EntryQuery {
  /** Those that send this one alone. */
  task?: string;
  /** A page of them, the newest first; left out: all, by their names. */
  page?: { offset: number; limit: number };
}

/** The periodic tasks there are. A change takes effect in all beats as soon as it has been committed. */
export class ScheduleBook {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sender: EntrySender,
    /** The zone to give a crontab that somebody adds without one, as with `celeriac schedule add`. */
    readonly timezone = 'UTC',
  ) {}

  /** @returns the entries that are wanted; by default all of them */
  async list({ task, page }: EntryQuery = {}): Promise<Entry[]> {
    const rows = await this.dataSource.manager.find(ScheduleEntryEntity, {
      where: task === undefined ? {} : { task },
      ...(page === undefined
        ? { order: { name: 'ASC' } }
        : { order: { createdAt: 'DESC', name: 'ASC' }, skip: page.offset, take: page.limit }),
    });
    return rows.map(toEntry);
  }

  /** @throws {@link UnknownEntryError} */
  async get(name: string): Promise<Entry> {
    return toEntry(await rowOf(this.dataSource.manager, name));
  }

  /**
   * Adds an entry.
   *
   * @throws {@link InvalidEntryError} with each field that makes no sense, also when there is one of this name already,
   * or it would never be due
   */
  async add(given: NewEntry): Promise<Entry> {
    const entry = await this.checked(given);
    return this.dataSource.transaction(async (manager) => {
      if (!(await insertEntry(manager, entry))) {
        throw new InvalidEntryError(entry.name, [
          { field: 'name', problem: 'there is one of this name: take another' },
        ]);
      }
      return dueAtAll(toEntry(await rowOf(manager, entry.name)));
    });
  }

  /**
   * Changes an entry.
   *
   * @throws {@link UnknownEntryError}, {@link InvalidEntryError}
   */
  async change(name: string, changes: EntryChanges): Promise<Entry> {
    return this.dataSource.transaction(async (manager) => {
      const row = await rowOf(manager, name);
      const entry = await this.checked({ ...definitionOf(row), ...changes });
      await updateEntry(manager, row, entry);
      return dueAtAll(toEntry(await rowOf(manager, name)));
    });
  }

  /** @throws {@link UnknownEntryError} */
  async enable(name: string): Promise<Entry> {
    return this.change(name, { enabled: true });
  }

  /** @throws {@link UnknownEntryError} */
  async disable(name: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await rowOf(manager, name);
      await manager.update(ScheduleEntryEntity, { name }, { enabled: false, nextRunAt: null });
    });
  }

  /**
   * Has an entry be as the code says it.
   *
   * @throws {@link UnknownEntryError}; {@link InvalidEntryError} when it does not come from the code
   */
  async reset(name: string): Promise<Entry> {
    const { declared } = await this.get(name);
    if (declared !== null) return this.change(name, declared);
    throw new InvalidEntryError(name, [{ field: 'name', problem: 'it does not come from the code' }]);
  }

  /** Removes an entry. One that comes from the code is there again when beat starts. @throws {@link UnknownEntryError} */
  async remove(name: string): Promise<void> {
    const { affected } = await this.dataSource.manager.delete(ScheduleEntryEntity, { name });
    if (affected === 0) throw new UnknownEntryError(name);
  }

  /**
   * Sends an entry's task now, whenever it is due, also if it is disabled.
   *
   * @returns the task's id; that of another one if it is unique and that one holds its key, which sends nothing
   * @throws {@link UnknownEntryError}, {@link InvalidEntryError}
   */
  async runNow(name: string): Promise<string> {
    return this.dataSource.transaction(async (manager) => {
      const row = await rowOf(manager, name);
      const [sent] = await this.sender.send(manager, [
        { entry: { ...toEntry(row), jitterSeconds: 0 }, dueAt: new Date(), taskId: uuidv7() },
      ]);
      if (sent === undefined || 'problem' in sent) {
        throw new InvalidEntryError(name, [{ field: 'task', problem: sent?.problem ?? '' }]);
      }
      const { taskId, isNew } = sent;
      if (isNew) {
        await manager.update(ScheduleEntryEntity, { name }, { lastTaskId: taskId, totalRuns: row.totalRuns + 1 });
      }
      return taskId;
    });
  }

  /**
   * @returns the next times that the entry is due, `count` at most, whether or not it is enabled
   * @throws {@link UnknownEntryError}
   */
  async next(name: string, count: number): Promise<Date[]> {
    const { schedule, startsAt, endsAt, oneOff } = await this.get(name);
    if (schedule === null) return [];
    const now = await databaseTime(this.dataSource.manager);
    const from = startsAt !== null && startsAt > now ? new Date(startsAt.getTime() - 1) : now;
    return nextRuns(schedule, from, oneOff ? Math.min(count, 1) : count).filter(
      (run) => endsAt === null || run < endsAt,
    );
  }

  /** An entry that makes sense, and whose task can be sent. */
  private async checked(given: NewEntry | Record<string, unknown>): Promise<EntryDefinition> {
    const entry = parseEntry(given);
    await this.sender.check(entry);
    return entry;
  }
}

/** @throws {@link InvalidEntryError} when it is enabled and never due */
function dueAtAll(entry: Entry): Entry {
  const { name, enabled, nextRunAt, schedule, endsAt } = entry;
  if (!enabled || nextRunAt !== null) return entry;
  const ownField = schedule?.type === 'clocked' ? 'schedule.at' : 'schedule';
  const field = endsAt === null ? ownField : 'endsAt';
  throw new InvalidEntryError(name, [{ field, problem: 'from now on it is never due' }]);
}

async function rowOf(manager: EntityManager, name: string): Promise<ScheduleEntryEntity> {
  const isOpen = manager.queryRunner?.isTransactionActive === true;
  const lock = isOpen ? { lock: { mode: 'pessimistic_write' as const } } : {};
  const row = await manager.findOne(ScheduleEntryEntity, { where: { name }, ...lock });
  if (row === null) throw new UnknownEntryError(name);
  return row;
}
