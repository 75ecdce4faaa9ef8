import type { NamedStatement } from './hot-connection.js';

/** Makes or prolongs a worker's lease. */
export const RENEW_LEASE: NamedStatement = {
  name: 'celeriac_renew_lease',
  text: `
    INSERT INTO worker (id, name, pid, lease_until) VALUES ($1::uuid, $2, $3, now() + $4 * interval '1 millisecond')
    ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until`,
};
