import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RabbitMqBroker, taskTopology } from '@celeriac/tasks';
import { AppProcess } from '../fixtures/app-process.js';
import { untilHealth } from '../fixtures/health.js';
import { SwallowingProxy } from '../fixtures/swallowing-proxy.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { publicationTo } from '../fixtures/task-message.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';
import { untilReady } from '../fixtures/until-ready.js';
import { createTestVhost, freePorts, type TestVhost } from '../services/index.js';

const IMPATIENT = 'test/dist/fixtures/impatient-worker.js';
/** More than a worker of one at a time takes ahead. */
const MESSAGES = 60;

describe('a worker that is connected or not, and does not work', () => {
  let vhost: TestVhost;
  let database: TaskDatabase;
  let port: number;
  let worker: AppProcess | undefined;

  beforeEach(async () => {
    [vhost, database] = await Promise.all([createTestVhost(), createTaskDatabase()]);
    [port] = (await freePorts(1)) as [number];
  });

  afterEach(async () => {
    await worker?.stop('SIGKILL');
    await database.drop();
    await vhost.drop();
  });

  async function start(brokerUrl: string): Promise<AppProcess> {
    const settings = { WORKER_CONCURRENCY: '1', WORKER_HEALTH_PORT: String(port), EMAIL_BACKEND: 'memory' };
    worker = await AppProcess.start('worker', { DATABASE_URL: database.url, BROKER_URL: brokerUrl, ...settings }, [
      IMPATIENT,
    ]);
    return worker;
  }

  it('says at /readyz that RabbitMQ is away, waits however long, and is ready when it is back', async () => {
    const line = await TcpProxy.to(vhost.brokerUrl);
    const app = await start(line.url);
    expect(await untilHealth(port, 200)).toEqual({ status: 'ok' });
    line.refuse();
    const place = new URL(line.url).host;
    await app.line(/before RabbitMQ has said anything/);
    expect(await untilHealth(port, 503)).toEqual({
      status: 'error',
      reason: expect.stringMatching(new RegExp(`^The connection to .*${place} `)),
    });
    // Much longer than a consumer is given that is connected.
    await line.untilJoined(20);
    line.accept();
    await untilHealth(port, 200);
    expect(await app.stop()).toBe(0);
    await line.close();
  });

  it('ends with exit code 75 when nothing comes and nothing helps; a new one takes what there is', async () => {
    const line = await SwallowingProxy.to(vhost.brokerUrl);
    const app = await start(line.url);
    await untilHealth(port, 200);
    line.swallowed = 'deliveries';
    const log = { log: () => undefined, warn: () => undefined };
    const broker = new RabbitMqBroker({ urls: [vhost.brokerUrl], topology: taskTopology(['mail']), log });
    await untilReady(broker);
    for (let count = 0; count < MESSAGES; count += 1) await broker.publish(publicationTo('mail', `m.${count}`));
    await app.line(/on a new channel/);
    expect(await untilHealth(port, 503)).toEqual({
      status: 'error',
      reason: expect.stringContaining('queue "mail"'),
    });
    expect(await app.ended()).toBe(75);
    expect(app.lines.join('\n')).toContain('Stopping with exit code 75: to be started again.');
    await start(vhost.brokerUrl);
    while ((await broker.queueInfo('mail.dead_letters'))?.messages !== MESSAGES) await sleep(20);
    await broker.close();
    await line.close();
  });
});
