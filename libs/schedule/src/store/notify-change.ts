import type { EntityManager } from 'typeorm';

/** The channel on which beats hear of changed entries. */
export const CHANGES = 'celeriac_schedule';

/** Wakes all beats when the caller's transaction commits. */
export async function notifyChange(manager: EntityManager): Promise<void> {
  await manager.query(`NOTIFY ${CHANGES}`);
}
