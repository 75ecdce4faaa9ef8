import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { defineBroadcast, TaskContext, TaskHandler, TaskServer } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { describeWithCelery } from '../fixtures/interop-app.js';
import { PythonCelery } from '../fixtures/python-celery.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

const input = z.object({ cache: z.string() });
const empty = defineBroadcast({ name: 'node.empty', queue: 'work', input, args: ['cache'] });

@Injectable()
class Handlers {
  @TaskHandler(empty)
  empty({ cache }: { cache: string }, { hostname, rootId }: TaskContext): string[] {
    return [hostname, cache, rootId];
  }
}

describeWithCelery("a Python client's broadcast", (python) => {
  const workers: TaskApp[] = [];

  beforeAll(async () => {
    for (const name of ['ann@test', 'bob@test']) {
      const app = await startTaskApp({ providers: [Handlers], worker: { name }, beside: workers[0] });
      workers.push(app);
      while (!app.get(TaskServer).ready) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  afterAll(async () => {
    const [first, second] = workers;
    await second?.drop();
    await first?.drop();
  });

  it('is run by each of our workers, once', async () => {
    const [app] = workers as [TaskApp];
    const celery = new PythonCelery(python, app.vhost.brokerUrl);
    const id = await celery.run(`
from kombu.common import Broadcast
everywhere = Broadcast("everywhere", exchange=Exchange("celeriac.broadcast.work", type="fanout"), no_declare=True)
app.amqp.queues.add(everywhere)
answer(app.send_task("node.empty", ("prices",), queue="everywhere").id)`);
    for (const worker of ['ann@test', 'bob@test']) {
      const row = await app.untilState(`${String(id)}@${worker}`, 'SUCCESS');
      expect(row).toMatchObject({ result: [worker, 'prices', id], attempt: 1 });
    }
  });
});
