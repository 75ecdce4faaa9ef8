/** Runs tasks that wait in the queue already: how fast one worker process gets through them. */
import { TaskClient } from '@celeriac/tasks';
import { readWork, report } from '../program.js';
import {
  createWorker,
  INPUT,
  noop,
  NoopHandler,
  prepareDatabase,
  startSender,
  untilEnded,
  untilPublished,
} from './bench-app.js';

const CONCURRENCY = 500;
const CALLS = 1000;

const work = readWork();
await prepareDatabase(work);
const sender = await startSender(work);
for (let left = work.tasks; left > 0; left -= CALLS) {
  const calls = Array.from({ length: Math.min(CALLS, left) }, () => ({ input: INPUT }));
  await sender.get(TaskClient).enqueueMany(noop, calls);
}
await untilPublished(sender);
await sender.close();

const worker = await createWorker(work, { concurrency: CONCURRENCY, shutdownTimeoutMs: 1000 });
const allRan = worker.get(NoopHandler).ran(work.tasks);
const startedAtMs = performance.now();
await worker.listen();
await allRan;
await untilEnded(worker);
const seconds = (performance.now() - startedAtMs) / 1000;
report({ tasksPerSecond: work.tasks / seconds }, `concurrency ${CONCURRENCY}, quorum queue`);
