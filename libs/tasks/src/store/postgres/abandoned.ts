import { BROADCAST_PREFIX } from '../../broker/broadcast-topology.js';
import { WORKER_LOST } from '../worker-lost.js';
import type { NamedStatement } from './hot-connection.js';

/** Whether a task is one worker's run of a broadcast: its message goes to that worker's own queue. */
const IS_BROADCAST = `(task.exchange = '' AND starts_with(task.routing_key, '${BROADCAST_PREFIX}'))`;

/** The queue that a task's message is in. */
export const MESSAGE_QUEUE = `CASE WHEN ${IS_BROADCAST} THEN task.routing_key ELSE task.queue END`;

/** What stands before a worker's name in the name of its own queue. */
const OWN_PREFIX = `'${BROADCAST_PREFIX}' || task.queue || '/'`;

/**
 * Ends runs of broadcasts whose worker has been away for so long that its own queue is gone: nobody else can run them.
 */
export const END_ABANDONED: NamedStatement = {
  name: 'celeriac_end_abandoned',
  text: `
    WITH abandoned AS MATERIALIZED (
      SELECT id, state, attempt, worker_id, started_at, substr(routing_key, length(${OWN_PREFIX}) + 1) AS worker_name
      FROM task
      WHERE state IN ('PENDING', 'RETRY', 'STARTED') AND (created_at >= $2 OR sent_back_at >= $2)
        AND ${IS_BROADCAST}
        AND NOT EXISTS (
          SELECT FROM worker
          WHERE task.routing_key = ${OWN_PREFIX} || worker.name
            AND worker.lease_until > now() - $1 * interval '1 millisecond'
        )
      ORDER BY id LIMIT 1000 FOR UPDATE OF task SKIP LOCKED
    ), ended AS (
      UPDATE task SET
        state = 'FAILURE', wait_reason = NULL, due_at = NULL, finished_at = now(),
        error = json_build_object('type', '${WORKER_LOST.type}', 'stack', NULL,
          'message', '${WORKER_LOST.awayText}' || abandoned.worker_name)
      FROM abandoned WHERE task.id = abandoned.id
      RETURNING task.id
    ), attempts AS (
      INSERT INTO task_attempt (task_id, number, worker_id, worker_name, started_at, finished_at, outcome)
      SELECT id, attempt, worker_id, worker_name, started_at, now(), 'WORKER_LOST' FROM abandoned
      WHERE state = 'STARTED'
      ON CONFLICT (task_id, number) DO UPDATE SET finished_at = now(), outcome = 'WORKER_LOST'
    ), gone AS (
      DELETE FROM outbox USING ended WHERE outbox.task_id = ended.id
    )
    SELECT id FROM ended`,
};

/** The names of the workers of a queue whose lease lives. */
export const LIVE_WORKERS = `
  SELECT DISTINCT name FROM worker WHERE lease_until > now() AND $1 = ANY(queues) ORDER BY name`;
