import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sendForm } from '../fixtures/form.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { startWebApp, type WebApp } from '../fixtures/web-app.js';

describe('the page of a mail', () => {
  let database: TaskDatabase;
  let web: WebApp;

  beforeAll(async () => {
    database = await createTaskDatabase();
    web = await startWebApp(database.url);
  });

  afterAll(async () => {
    expect(await web.process.stop()).toBe(0);
    await database.drop();
  });

  it('shows the newest attempts, and how many more there were', async () => {
    const id = await sendForm(web.url);
    await database.dataSource.query(
      `INSERT INTO task_attempt (task_id, number, worker_id, worker_name, started_at, finished_at, outcome)
       SELECT task_id, n, gen_random_uuid(), 'w', now() + n * interval '1 s', now() + n * interval '1 s', 'RETRY'
       FROM mail, generate_series(1, 100) AS n WHERE mail.id = $1`,
      [id],
    );
    const html = await (await fetch(`${web.url}/mails/${id}`)).text();
    const numbers = [...html.matchAll(/data-attempt="(\d+)"/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, n) => 100 - n));
    expect(html).toContain('and 80 earlier ones');
  });
});
