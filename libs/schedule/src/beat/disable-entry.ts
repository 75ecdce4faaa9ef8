import { Raw, type EntityManager } from 'typeorm';
import { ScheduleEntryEntity } from '../store/entities/schedule-entry.entity.js';

/** Disables an entry that is due and cannot be used as it is, and says why; unless it has been changed meanwhile. */
export async function disableEntry(manager: EntityManager, name: string, problem: string): Promise<void> {
  await manager.update(
    ScheduleEntryEntity,
    { name, nextRunAt: Raw((column) => `${column} <= now()`) },
    { enabled: false, nextRunAt: null, problem },
  );
}
