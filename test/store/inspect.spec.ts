import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresTaskStore, type InspectStore } from '@celeriac/tasks';
import { TASKS, tasksValues } from '../../libs/tasks/src/store/postgres/inspect.js';
import { readTaskPlace } from '../../libs/tasks/src/store/task-place.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

/** More than one call looks at. */
const MANY = 25_000;

/** What is wanted is among the oldest of many tasks. */
describe('looking for what is rare', () => {
  let database: TaskDatabase;
  let inspect: InspectStore;

  beforeAll(async () => {
    database = await createTaskDatabase();
    await database.dataSource.query(
      `INSERT INTO task (id, name, state, queue, exchange, routing_key, envelope, body, created_at)
       SELECT 'task-' || n, 'test.task', CASE WHEN n <= 2 THEN 'FAILURE' ELSE 'SUCCESS' END, 'work', '', 'work', '{}', '',
         now() - ($1 - n) * interval '1 millisecond'
       FROM generate_series(1, $1::int) AS n`,
      [MANY],
    );
    await database.dataSource.query('ANALYZE task');
    inspect = new PostgresTaskStore(database.dataSource).inspect;
  });

  afterAll(() => database.drop());

  it('takes several calls, each of which looks at so many and says where it has come to', async () => {
    const found: string[][] = [];
    let place: string | null = null;
    do {
      const page = await inspect.tasks({ states: ['FAILURE'] }, 10, place);
      found.push(page.tasks.map(({ id }) => id));
      place = page.older;
    } while (place !== null);
    expect(found).toEqual([[], [], ['task-2', 'task-1']]);
  });

  it('walks the index, from a place in the middle too', async () => {
    const { older } = await inspect.tasks({}, 5);
    const values = tasksValues({}, 5, readTaskPlace(older));
    const plan: Array<Record<string, string>> = await database.dataSource.query(`EXPLAIN ${TASKS}`, values);
    const lines = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(lines).toMatch(/Index Scan Backward using task_created_at/);
    expect(lines).toMatch(/Index Cond: .*ROW\(created_at, id\)|Index Cond: .*created_at <= /);
  });
});
