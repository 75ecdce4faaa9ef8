import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SettlementWriter } from '@celeriac/tasks';
import type { EntityManager } from 'typeorm';
import { playedTask } from '../fixtures/played-task.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

/** Rows that Postgres never takes. */
const refused: SettlementWriter = {
  write: async (manager: EntityManager) => void (await manager.query(`SELECT 'no number'::int`)),
};

describe('an outcome that the database refuses', () => {
  const played = playedTask();
  let app: TaskApp;
  let runs = 0;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [played.Player] });
  });

  afterAll(() => app.drop());

  it('is FAILURE while the effect can be taken back', async () => {
    played.parts.set('harmless', (task) => task.settleWith(refused, 1));
    const { id } = await app.tasks.delay(played.contract, { part: 'harmless' });
    expect(await app.untilState(id, 'FAILURE')).toMatchObject({ error: { type: 'QueryFailedError' }, attempt: 1 });
  });

  it('has the task run again after a while when it cannot: the next run is told', async () => {
    played.parts.set('sent', async (task) => {
      runs += 1;
      await task.passPointOfNoReturn();
      task.settleWith(refused, 1);
    });
    const { id } = await app.tasks.delay(played.contract, { part: 'sent' });
    const row = await app.untilRow(id, ({ wait_reason: reason }) => reason === 'lease');
    expect(row).toMatchObject({ state: 'PENDING', attempt: 1 });
    expect(runs).toBe(1);
    const [outbox] = (await app.database.dataSource.query(
      `SELECT due_at > now() + interval '20 seconds' AS waits FROM outbox WHERE task_id = $1`,
      [id],
    )) as unknown[];
    expect(outbox).toEqual({ waits: true });

    let isTold: boolean | undefined;
    played.parts.set('sent', (task) => void (isTold = task.interruptedAfterPointOfNoReturn));
    await app.database.dataSource.query('UPDATE outbox SET due_at = now() WHERE task_id = $1', [id]);
    await app.untilState(id, 'SUCCESS');
    expect(isTold).toBe(true);
  });
});
