import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadHandler, type AsyncResult, type TaskOptions } from '@celeriac/tasks';
import { drawPoster, type Poster } from '../../examples/posters/src/posters.tasks.js';
import { AppProcess } from '../fixtures/app-process.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';
import { createTestDatabase, createTestVhost, type TestDatabase, type TestVhost } from '../services/index.js';

const THREAD = new URL('../../examples/posters/dist/draw/draw-poster.thread.js', import.meta.url);
const MAIN = 'examples/posters/dist/main.js';
/** So long the app is left alone between two looks at a page. */
const LOOK_MS = 50;

const SKETCH = { title: 'Sketch', place: 'everything', ink: 'celery', detail: 'sketch' };

let baseUrl: string;

function post(path: string, fields: Record<string, string> = {}, headers = {}): Promise<Response> {
  return fetch(baseUrl + path, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' });
}

/** @returns where the poster is shown */
async function order(fields: Record<string, string>): Promise<string> {
  const answer = await post('/posters', fields);
  expect(answer.status).toBe(303);
  return answer.headers.get('location') as string;
}

async function untilShown(path: string, pattern: RegExp): Promise<string> {
  for (;;) {
    const page = await (await fetch(baseUrl + path)).text();
    if (pattern.test(page)) return page;
    await sleep(LOOK_MS);
  }
}

/** @param role - none: both in one process */
async function startWeb(environment: Record<string, string>, ...role: string[]): Promise<AppProcess> {
  const web = await AppProcess.start('web', { ...environment, POSTERS_PORT: '0' }, [MAIN, ...role]);
  baseUrl = /http:\S+/.exec(await web.line(/Listening on/))?.[0] ?? '';
  return web;
}

describe('a poster of the example, which is two processes', () => {
  let database: TestDatabase;
  let vhost: TestVhost;
  let web: AppProcess;
  let worker: AppProcess;

  beforeAll(async () => {
    [database, vhost] = await Promise.all([createTestDatabase(), createTestVhost()]);
    const environment = { DATABASE_URL: database.url, BROKER_URL: vhost.brokerUrl };
    web = await startWeb(environment, 'web');
    worker = await AppProcess.start('worker', environment, [MAIN, 'worker']);
  });

  afterAll(async () => {
    expect(await Promise.all([web.stop(), worker.stop()])).toEqual([0, 0]);
    await vhost.drop();
    await database.drop();
  });

  it('is drawn in a thread, its page shows how far it is, and it can be cancelled in the middle', async () => {
    const path = await order({ ...SKETCH, detail: 'finest' });
    await untilShown(path, /<progress value="[1-9]/);
    await post(`${path}/print`);
    // The thread holds its CPU; the worker's others go on.
    await untilShown(await order(SKETCH), /<figure>/);
    expect((await post(`${path}/cancel`)).headers.get('location')).toBe(path);
    expect(await untilShown(path, /Cancelled/)).not.toContain('http-equiv="refresh"');
    await worker.line(/posters\.draw\[.*was revoked/);
  });

  it('is a picture with its title in the end, whatever that is', async () => {
    const page = await untilShown(await order({ ...SKETCH, title: '<script>"1" & \'2\'' }), /<figure>/);
    expect(page).toContain('<h1>&#60;script&#62;&#34;1&#34; &#38; &#39;2&#39;</h1>');
    const picture = await fetch(baseUrl + /\/posters\/\S+\.png/.exec(page)?.[0]);
    expect(picture.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await picture.arrayBuffer());
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([960, 640]);
  });

  it('is the same when it is ordered twice, and another with another title', async () => {
    const first = await order({ ...SKETCH, title: 'Twice' });
    expect(await order({ ...SKETCH, title: 'Twice' })).toBe(`${first}?again`);
    await untilShown(first, /<figure>/);
    expect(await untilShown(await order({ ...SKETCH, title: 'Twice' }), /ordered this one before/)).toContain(
      '<figure>',
    );
    expect(await order({ ...SKETCH, title: 'Once' })).not.toContain(first);
  });

  it('is printed, again when the paper got stuck', async () => {
    for (const title of ['One', 'Two', 'Three']) {
      const path = await order({ ...SKETCH, title });
      await untilShown(path, /<figure>/);
      expect((await post(`${path}/print`)).status).toBe(303);
      await untilShown(path, /on sheet \d/);
    }
    expect(await worker.line(/tried again.*stuck/)).toMatch(/posters\.print/);
  });

  it('is hung on the wall by a task that nobody calls, and another one after some seconds', async () => {
    const paths = [await order({ ...SKETCH, title: 'Left' }), await order({ ...SKETCH, title: 'Right' })];
    for (const path of paths) await untilShown(path, /<figure>/);
    const hangs = /<img[^>]+src="(\/posters\/\S+)\.png"/;
    const [, first] = hangs.exec(await untilShown('/wall', hangs)) ?? [];
    expect((await fetch(`${baseUrl}${first}.png`)).status).toBe(200);
    await untilShown('/wall', new RegExp(`src="(?!${first})/posters/`));
    expect(await worker.line(/Sent posters\.hang/)).toContain('entry "posters.hang", due');
  });

  it('is drawn by itself each morning: the worker has written an entry for it', async () => {
    await worker.line(/Entry "poster of the day" is new/);
  });

  it('is not ordered by a form that is wrong, which says why', async () => {
    const answer = await post('/posters', { title: ' ', place: 'the moon', ink: 'celery', detail: 'sketch' });
    expect(answer.status).toBe(422);
    const page = await answer.text();
    expect(page).toContain('Give your poster a title.');
    expect(page).toContain('Choose one of the places.');
    expect(page).toContain('<option value="celery" selected>');
  });

  it.each(['/posters/none', '/posters/0198c0de-0000-7000-8000-000000000001', '/nowhere'])(
    'is not there at %s',
    async (path) => {
      expect((await fetch(baseUrl + path)).status).toBe(404);
    },
  );

  it.each(['https://evil.example', 'null', 'http://localhost:1'])('is not ordered by a page of %s', async (origin) => {
    expect((await post('/posters', SKETCH, { origin })).status).toBe(403);
  });

  it('is not shown under a name that is not of this machine', async () => {
    const asked = request(baseUrl, { headers: { host: 'evil.example' } }).end();
    const [{ statusCode }] = (await once(asked, 'response')) as [IncomingMessage];
    expect(statusCode).toBe(403);
  });
});

describe('the example in one process, with its broker in memory', () => {
  let database: TestDatabase;
  let app: AppProcess;

  beforeEach(async () => {
    database = await createTestDatabase();
    app = await startWeb({ DATABASE_URL: database.url });
  });

  afterEach(async () => {
    await app.stop();
    await database.drop();
  });

  it('goes on with what it was at when it was killed', async () => {
    const path = await order({ ...SKETCH, detail: 'finest' });
    await untilShown(path, /<progress value="[1-9]/);
    await app.stop('SIGKILL');
    app = await startWeb({ DATABASE_URL: database.url });
    await untilShown(path, /<progress value="[1-9]/);
    await post(`${path}/cancel`);
    await untilShown(path, /Cancelled/);
    expect(await app.stop()).toBe(0);
  });
});

describe('a poster that takes too long', () => {
  let app: TaskApp;

  afterEach(() => app.drop());

  async function draw(options: Partial<TaskOptions>): Promise<AsyncResult<Poster>> {
    app = await startTaskApp({
      providers: [threadHandler(drawPoster, THREAD)],
      queues: [drawPoster.queue],
      annotations: { [drawPoster.name]: options },
    });
    return app.tasks.delay(drawPoster, { title: 'Long', place: 'elephants', ink: 'ember', detail: 'finest' });
  }

  it('is sketched to its end after the soft limit', async () => {
    const poster = await draw({ softTimeLimit: 0.2 });
    expect(await poster.get()).toMatchObject({ title: 'Long', cutShort: true });
  });

  it('is given up after the hard limit', async () => {
    const poster = await draw({ softTimeLimit: null, timeLimit: 0.2 });
    await expect(poster.get()).rejects.toMatchObject({ error: { type: 'TimeLimitExceeded' } });
  });
});
