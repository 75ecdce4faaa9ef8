import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';
import { startWebApp } from '../fixtures/web-app.js';

describe('TASK_ROUTES', () => {
  let database: TaskDatabase;

  beforeAll(async () => {
    database = await createTaskDatabase();
  });

  afterAll(() => database.drop());

  it('say where the mails that are accepted go', async () => {
    const web = await startWebApp(database.url, {
      TASK_ROUTES: '{"mail.*":{"exchange":"","routingKey":"mail","priority":7}}',
    });
    const response = await fetch(`${web.url}/api/mails`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ to: 'ann@example.com', message: 'Hello' }),
    });
    expect(response.status).toBe(202);
    const rows: unknown = await database.dataSource.query(
      "SELECT exchange, routing_key, envelope->'properties'->'priority' AS priority FROM task WHERE name LIKE 'mail.%'",
    );
    expect(rows).toEqual([{ exchange: '', routing_key: 'mail', priority: 7 }]);
    expect(await web.process.stop()).toBe(0);
  });

  it('to a queue that is not there stop the start, and say what to do', async () => {
    const start = startWebApp(database.url, { TASK_ROUTES: '{"mail.*":"bulk"}' });
    await expect(start).rejects.toThrow(
      /TASK_ROUTES: The task route "mail\.\*" has queue='bulk': expected one of the module's queues/,
    );
  });
});
