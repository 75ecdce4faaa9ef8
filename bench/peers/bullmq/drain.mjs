/** BullMQ on Redis: jobs that wait, one worker process. Ended jobs are removed, which is the least that it can do. */
import { Queue, Worker } from 'bullmq';
import { input, redisUrl, report, tasks, variant } from '../program.mjs';

const NAME = 'bench';
const concurrency = Number(variant);
const { hostname: host, port } = new URL(redisUrl);
const connection = { host, port: Number(port) };

const queue = new Queue(NAME, { connection, defaultJobOptions: { removeOnComplete: true } });
for (let left = tasks; left > 0; left -= 1000) {
  await queue.addBulk(Array.from({ length: Math.min(1000, left) }, () => ({ name: 'noop', data: input })));
}
await queue.close();

const worker = new Worker(NAME, async () => ({ ok: true }), {
  autorun: false,
  concurrency,
  connection: { ...connection, maxRetriesPerRequest: null },
});
await worker.waitUntilReady();
let count = 0;
const startedAtMs = performance.now();
worker.on('completed', () => {
  count += 1;
  if (count < tasks) return;
  report(
    { tasksPerSecond: (tasks / (performance.now() - startedAtMs)) * 1000 },
    `concurrency ${concurrency}, appendfsync everysec`,
  );
});
await worker.run();
