import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from 'typeorm';
import { nextRunOf } from '../entry/due-ticks.js';
import type { Entry, EntryDefinition, JsonDefinition } from '../entry/entry.js';
import { ScheduleEntryEntity } from './entities/schedule-entry.entity.js';
import { toEntry } from './entry-row.js';
import { notifyChange } from './notify-change.js';

/**
 * Writes a new entry.
 *
 * @param declared - as the code says it; left out: it does not come from there
 * @returns false when there is one of its name, which is left as it is
 */
export async function insertEntry(
  manager: EntityManager,
  entry: EntryDefinition,
  declared?: JsonDefinition,
): Promise<boolean> {
  const { raw } = await manager
    .createQueryBuilder()
    .insert()
    .into(ScheduleEntryEntity)
    .values({ ...entry, nextRunAt: await firstRun(manager, entry), declared } as object)
    .orIgnore()
    .returning('name')
    .execute();
  await notifyChange(manager);
  return (raw as unknown[]).length > 0;
}

/**
 * Writes an entry that has been changed, and that can be used.
 *
 * @param row - as it was, locked
 * @param declared - as the code says it; left out: that stays as it is
 */
export async function updateEntry(
  manager: EntityManager,
  row: ScheduleEntryEntity,
  entry: EntryDefinition,
  declared?: JsonDefinition,
): Promise<void> {
  const nextRunAt = isDueAsBefore(toEntry(row), entry) ? row.nextRunAt : await firstRun(manager, entry);
  const { name } = row;
  await manager.update(ScheduleEntryEntity, { name }, { ...entry, declared, nextRunAt, problem: null } as object);
  await notifyChange(manager);
}

/** Whether a change leaves alone when an entry is due: then also a time that has come, and that no beat has seen yet. */
function isDueAsBefore(before: Entry, after: EntryDefinition): boolean {
  const timing = ({ schedule, startsAt, endsAt }: Entry | EntryDefinition) => ({ schedule, startsAt, endsAt });
  return (
    before.nextRunAt !== null && before.enabled && after.enabled && isDeepStrictEqual(timing(before), timing(after))
  );
}

/** Locks entries until the caller's transaction ends, always in one order: nobody waits in a circle. */
export async function lockEntries(manager: EntityManager, names: readonly string[]): Promise<ScheduleEntryEntity[]> {
  return manager
    .createQueryBuilder(ScheduleEntryEntity, 'entry')
    .where('entry.name = ANY(:names)', { names })
    .orderBy('entry.name')
    .setLock('pessimistic_write')
    .getMany();
}

async function firstRun(manager: EntityManager, entry: EntryDefinition): Promise<Date | null> {
  return entry.enabled ? nextRunOf(entry, await databaseTime(manager)) : null;
}

/** Postgres's clock, which is that of all beats. */
export async function databaseTime(manager: EntityManager): Promise<Date> {
  const [{ now }]: [{ now: Date }] = await manager.query('SELECT now()');
  return now;
}
