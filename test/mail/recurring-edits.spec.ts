import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mailDatabase, mailQueues, mailTasks, mailTopology, RecurringMails, type Recurrence } from '@celeriac/mail';
import { ScheduleBook, ScheduleModule } from '@celeriac/schedule';
import { MemoryBroker, TasksModule } from '@celeriac/tasks';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

const form = { email: ['ann@example.com'], subject: 'Menu', msg: 'Here it is.' };
const daily: Recurrence = { repeat: 'daily', time: '09:00', zone: 'UTC' };

describe('a recurring mail that is changed', () => {
  let database: TaskDatabase;
  let app: TestingModule;

  beforeEach(async () => {
    database = await createTaskDatabase();
    app = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot(mailDatabase(database.url)),
        TasksModule.forRoot({
          broker: new MemoryBroker(mailTopology()),
          queues: mailQueues(),
          contracts: mailTasks(),
        }),
        ScheduleModule.forRoot({}),
      ],
    }).compile();
    await app.init();
  });

  afterEach(async () => {
    await app.close();
    await database.drop();
  });

  it('stays paused when somebody else pauses it at the same moment', async () => {
    const book = app.get(ScheduleBook);
    const others = new RecurringMails(book);
    const id = await others.add(form, daily, 'key');
    const get = async (name: string) => {
      const entry = await book.get(name);
      await others.pause(id);
      return entry;
    };
    const mails = new RecurringMails(Object.assign(Object.create(book) as ScheduleBook, { get }));
    await mails.change(id, { ...form, subject: 'New menu' }, daily);
    expect(await others.get(id)).toMatchObject({ enabled: false, nextRunAt: null, form: { subject: 'New menu' } });
  });

  it('goes on when beat had stopped it', async () => {
    const mails = new RecurringMails(app.get(ScheduleBook));
    const id = await mails.add(form, daily, 'key');
    await database.dataSource.query(`UPDATE schedule_entry SET enabled = false, next_run_at = NULL, problem = 'bad'`);
    await mails.change(id, form, null);
    expect(await mails.get(id)).toMatchObject({ enabled: true, problem: null, nextRunAt: expect.any(Date) });
  });
});
