import type { EntityManager } from 'typeorm';
import { ScheduleEntryEntity } from '../store/entities/schedule-entry.entity.js';

/** Disables an entry that cannot be used as it is, and says why. */
export async function disableEntry(manager: EntityManager, name: string, problem: string): Promise<void> {
  await manager.update(ScheduleEntryEntity, { name }, { enabled: false, nextRunAt: null, problem });
}
