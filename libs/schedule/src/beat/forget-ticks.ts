import type { EntityManager } from 'typeorm';

/** For so long it is known when an entry was due, and what became of it. */
const KEPT_DAYS = 30;
/** Few enough that the statement is short, however many have to go. */
const BATCH = 10_000;

/** Forgets old ticks. @returns whether there may be more */
export async function forgetTicks(manager: EntityManager): Promise<boolean> {
  const [, count]: [unknown, number] = await manager.query(
    `DELETE FROM schedule_tick WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM schedule_tick WHERE created_at < now() - $1 * interval '1 day' ORDER BY created_at LIMIT $2
     ))`,
    [KEPT_DAYS, BATCH],
  );
  return count === BATCH;
}
