import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkerStatus } from '@celeriac/tasks';
import type { AppProcess } from '../fixtures/app-process.js';
import { celeriac, DemoPlace } from '../fixtures/cli/celeriac.js';

let place: DemoPlace;

beforeAll(async () => {
  place = await DemoPlace.create();
});

afterAll(() => place.drop());

async function untilStatus(isSo: (workers: WorkerStatus[]) => boolean): Promise<WorkerStatus[]> {
  for (;;) {
    const workers = await place.json<WorkerStatus[]>('status');
    if (isSo(workers)) return workers;
  }
}

describe('celeriac status', () => {
  it('says that no worker is alive, with the exit code of Celery', async () => {
    expect(await place.run('status')).toEqual({ exitCode: 69, stdout: 'No worker is alive.\n', stderr: '' });
    expect(await place.run('status', '--json')).toEqual({ exitCode: 69, stdout: '[]\n', stderr: '' });
  });
});

describe('celeriac worker', () => {
  let worker: AppProcess;

  beforeAll(async () => {
    worker = await place.startWorker('-Q', 'work', '-c', '3', '-n', 'demo@%h', '--shutdown-timeout', '60');
  });

  it('consumes the queues that it was told, and is called what it was told', async () => {
    const { stdout, exitCode } = await place.run('status');
    expect(exitCode).toBe(0);
    const [headings, row, ...more] = stdout.trimEnd().split('\n');
    expect(headings).toMatch(/^WORKER +PID +SINCE +RUNS +QUEUES$/);
    expect(row).toMatch(new RegExp(`^demo@${hostname()} +${worker.pid} +[-0-9]+ [:0-9]+ +0 of 3 +work$`));
    expect(more).toEqual([]);
  });

  it('runs tasks of any Nest app', async () => {
    const { stdout, exitCode } = await place.run('call', 'demo.add', '--args', '[1, 2]', '--wait', '60', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'SUCCESS', result: 3, attempts: [{ outcome: 'SUCCESS' }] });
  });

  it('has what it runs shown, and gives it back at the second signal', async () => {
    const id = await place.call('demo.endless');
    const [shown] = await untilStatus(([one]) => (one?.running.length ?? 0) > 0);
    expect(shown).toMatchObject({ pid: worker.pid, queues: ['work'], concurrency: 3, running: [{ id }] });
    expect((await place.run('status')).stdout).toMatch(
      new RegExp(`\n\nTASK +SINCE +WORKER +NAME\n${id} .*demo.endless`),
    );
    const stopped = worker.stop('SIGINT');
    await worker.line(/Stopping: what runs may end first/);
    worker.signal('SIGINT');
    expect(await stopped).toBe(0);
    // Given back, or the handler was faster in ending with the error of its abort.
    expect(['PENDING', 'RETRY']).toContain((await place.json<{ state: string }>('result', id)).state);
    expect((await place.run('status')).exitCode).toBe(69);
  });
});

describe('a worker of which the command line says little', () => {
  it('is as the app wants it, and waits for nothing at SIGQUIT', async () => {
    const worker = await place.startWorker('-Q', 'work');
    const id = await place.call('demo.endless');
    const [shown] = await untilStatus(([one]) => one !== undefined && one.running.some((run) => run.id === id));
    expect(await worker.stop('SIGQUIT')).toBe(0);
    expect(shown).toMatchObject({ name: `demo-app@${hostname()}`, queues: ['work'], concurrency: 2 });
  });
});

describe('a worker that cannot be run so', () => {
  it.each([
    [['-c', '0'], "argument '0' is invalid. Expected a whole number of 1 or more."],
    [['-c', 'abc'], "argument 'abc' is invalid"],
    [['--shutdown-timeout', 'soon'], 'Expected seconds'],
    [['-n', ''], 'Expected a name, such as mails@%h.'],
    [['-Q', 'wrok'], 'The app has no queue wrok. Did you mean work? Its queues: work, other.'],
    [['--concurency', '3'], '(Did you mean --concurrency?)'],
  ])('says why: %j', async (args, words) => {
    const { exitCode, stderr } = await place.run('worker', ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(words);
  });

  it('says that the app has a worker of its own, which says all that itself', async () => {
    const environment = { ...place.environment, CELERIAC_APP: 'test/dist/fixtures/cli/whole-app.js' };
    const { exitCode, stderr } = await celeriac(['worker', '--shutdown-timeout', '3'], environment);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'error: The app has a TaskWorkerModule of its own, which says what --shutdown-timeout would: leave out the option, or the module.\n',
    );
  });
});
