import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { celeriac, type CommandResult } from '../fixtures/cli/celeriac.js';
import { add } from '../fixtures/cli/demo-app.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';

describe('celeriac explain', () => {
  /** Sends, and has no worker. */
  let app: TaskApp;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [], queues: ['work', 'other'], worker: null });
  });

  afterAll(() => app.drop());

  function explain(id: string, options: { brokerUrl?: string; json?: true } = {}): Promise<CommandResult> {
    const { brokerUrl = app.vhost.brokerUrl, json = false } = options;
    const environment = { DATABASE_URL: app.database.url, BROKER_URL: brokerUrl };
    return celeriac(['explain', id, ...(json ? ['--json'] : [])], environment);
  }

  it('says why a task waits', async () => {
    const { id } = await app.tasks.applyAsync(add, { x: 1, y: 2 }, { countdown: 3600 });
    const { exitCode, stdout, stderr } = await explain(id);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [first, ...rest] = stdout.split('\n');
    expect(first).toBe(`task   ${id}`);
    expect(rest).toEqual([
      'name   demo.add',
      'queue  work',
      'state  PENDING',
      '',
      expect.stringMatching(/^It is scheduled for \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(in 60 min\)\.$/),
      '',
    ]);
  });

  it('says it as JSON too', async () => {
    const { id } = await app.tasks.delay(add, { x: 1, y: 2 });
    while ((await app.tasks.explain(id)).reason !== 'no_consumer');
    const { exitCode, stdout } = await explain(id, { json: true });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      taskId: id,
      state: 'PENDING',
      reason: 'no_consumer',
      workers: [],
      text: 'No worker is running; its queue is "work".',
    });
  });

  it('has times of this machine for people, and of UTC in JSON', async () => {
    const { id } = await app.tasks.applyAsync(add, { x: 1, y: 2 }, { eta: new Date('2100-06-01T12:00:00Z') });
    const environment = { DATABASE_URL: app.database.url, BROKER_URL: app.vhost.brokerUrl, TZ: 'Asia/Tokyo' };
    expect((await celeriac(['explain', id], environment)).stdout).toContain('for 2100-06-01 21:00:00 (in');
    expect((await celeriac(['explain', id, '--json'], environment)).stdout).toContain('2100-06-01 12:00:00 UTC (in');
  });

  it('says that RabbitMQ is away, and not because it has only just begun to look', async () => {
    const { id } = await app.tasks.delay(add, { x: 1, y: 2 });
    const proxy = await TcpProxy.to(app.vhost.brokerUrl);
    proxy.refuse();
    expect((await explain(id, { brokerUrl: proxy.url })).stdout).toContain('The broker cannot be reached from here.');
    proxy.accept();
    expect((await explain(id, { brokerUrl: proxy.url })).stdout).toContain('No worker is running');
    await proxy.close();
  });

  it('knows nothing of an id that is not there', async () => {
    expect(await explain('some-id')).toEqual({ exitCode: 1, stdout: '', stderr: 'error: There is no task some-id.\n' });
  });
});
