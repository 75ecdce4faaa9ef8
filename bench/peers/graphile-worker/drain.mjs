/** graphile-worker, with the local queue and the batched completion that its documentation has for throughput. */
import { makeWorkerUtils, run } from 'graphile-worker';
import { Pool } from 'pg';
import { databaseUrl, input, report, tasks } from '../program.mjs';

const CONCURRENCY = 24;
const LOCAL_QUEUE = 500;

const utils = await makeWorkerUtils({ connectionString: databaseUrl });
await utils.migrate();
for (let left = tasks; left > 0; left -= 1000) {
  const jobs = Array.from({ length: Math.min(1000, left) }, () => ({ identifier: 'noop', payload: input }));
  await utils.addJobs(jobs);
}
await utils.release();

let count = 0;
const pool = new Pool({ connectionString: databaseUrl, max: 8 });
const startedAtMs = performance.now();
await run({
  pgPool: pool,
  noHandleSignals: true,
  preset: {
    worker: {
      concurrentJobs: CONCURRENCY,
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      localQueue: { size: LOCAL_QUEUE },
    },
  },
  taskList: {
    noop: async () => {
      count += 1;
      if (count === tasks) void finish();
    },
  },
});

/** The last completions are written after their tasks have run. */
async function finish() {
  while ((await pool.query('SELECT FROM graphile_worker._private_jobs LIMIT 1')).rowCount > 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  report(
    { tasksPerSecond: tasks / seconds },
    `${CONCURRENCY} at a time, local queue of ${LOCAL_QUEUE}, completions batched`,
  );
}
