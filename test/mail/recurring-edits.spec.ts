import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mailDatabase, mailQueues, mailTasks, mailTopology, RecurringMails, type Recurrence } from '@celeriac/mail';
import { BeatModule, ScheduleBook, ScheduleModule } from '@celeriac/schedule';
import { MemoryBroker, TaskClient, TasksModule } from '@celeriac/tasks';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

const form = { email: ['ann@example.com'], subject: 'Menu', msg: 'Here it is.' };
const daily: Recurrence = { repeat: 'daily', time: '09:00', zone: 'UTC' };

describe('a recurring mail that is changed', () => {
  let database: TaskDatabase;
  let app: TestingModule;
  let tell = (): void => undefined;

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
        BeatModule.forRoot({ onSent: () => tell() }),
      ],
    }).compile();
    await app.init();
  });

  afterEach(async () => {
    await app.close();
    await database.drop();
  });

  function recurring(book = app.get(ScheduleBook)): RecurringMails {
    return new RecurringMails(book, app.get(TaskClient), app.get(DataSource));
  }

  it('stays paused when somebody else pauses it at the same moment', async () => {
    const book = app.get(ScheduleBook);
    const others = recurring();
    const id = await others.add(form, daily, 'key');
    const get = async (name: string) => {
      const entry = await book.get(name);
      await others.pause(id);
      return entry;
    };
    const mails = recurring(Object.assign(Object.create(book) as ScheduleBook, { get }));
    await mails.change(id, { ...form, subject: 'New menu' }, daily);
    expect(await others.get(id)).toMatchObject({ enabled: false, nextRunAt: null, form: { subject: 'New menu' } });
  });

  it('goes on when beat had stopped it', async () => {
    const mails = recurring();
    const id = await mails.add(form, daily, 'key');
    await database.dataSource.query(`UPDATE schedule_entry SET enabled = false, next_run_at = NULL, problem = 'bad'`);
    await mails.change(id, form, null);
    expect(await mails.get(id)).toMatchObject({ enabled: true, problem: null, nextRunAt: expect.any(Date) });
  });
  it.each(['pause', 'remove'] as const)(
    'is not sent after %s, though it was due and waits for a worker',
    async (act) => {
      const id = await recurring().add(form, daily, 'key');
      const sent = new Promise<void>((resolve) => (tell = resolve));
      await database.dataSource.query(`UPDATE schedule_entry SET next_run_at = now()`);
      await database.dataSource.query('NOTIFY celeriac_schedule');
      await sent;
      await recurring()[act](id);
      expect(await database.dataSource.query('SELECT name, state FROM task')).toEqual([
        { name: 'mail.send_recurring', state: 'REVOKED' },
      ]);
    },
  );
});
