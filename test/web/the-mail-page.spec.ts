import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sendForm } from '../fixtures/form.js';
import { startWebPlace, type WebPlace } from '../fixtures/web-app.js';

describe('the page of a mail', () => {
  let web: WebPlace;

  beforeAll(async () => {
    web = await startWebPlace();
  });

  afterAll(async () => {
    expect(await web.drop()).toBe(0);
  });

  it('shows the newest attempts, and how many more there were', async () => {
    const id = await sendForm(web.url);
    await web.database.dataSource.query(
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
