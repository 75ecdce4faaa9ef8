import type { NamedStatement } from './hot-connection.js';

/** Makes or prolongs a worker's lease, and says what it runs. */
export const RENEW_LEASE: NamedStatement = {
  name: 'celeriac_renew_lease',
  text: `
    INSERT INTO worker (id, name, pid, queues, concurrency, task_ids, lease_until)
    VALUES ($1::uuid, $2, $3, $4::text[], $5, $6::text[], now() + $7 * interval '1 millisecond')
    ON CONFLICT (id) DO UPDATE SET task_ids = excluded.task_ids, lease_until = excluded.lease_until`,
};

/** Forgets workers that have been dead for long: what they held was taken over as soon as somebody asked for it. */
export const FORGET_DEAD_WORKERS: NamedStatement = {
  name: 'celeriac_forget_dead_workers',
  text: `DELETE FROM worker WHERE lease_until < now() - interval '1 day'`,
};
