import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MailAcceptor, recurringKey, type AcceptedMail } from '@celeriac/mail';
import type { TestingModule } from '@nestjs/testing';
import { startMailModule } from '../fixtures/mail-module.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

const POLL_MS = 20;

describe('accepting mails in two processes', () => {
  let database: TaskDatabase;
  let apps: TestingModule[];

  beforeAll(async () => {
    database = await createTaskDatabase();
    apps = await Promise.all([startMailModule(database.url), startMailModule(database.url)]);
  });

  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await database.drop();
  });

  function acceptAll(app: TestingModule | undefined, keys: string[]): Promise<AcceptedMail[]> {
    if (app === undefined) throw new Error('There is no such app.');
    const acceptor = app.get(MailAcceptor);
    const form = { email: ['ann@example.com'], subject: 'Hello', msg: 'The same' };
    // The first one goes in a batch of its own, and the keys in one.
    return Promise.all([randomUUID(), ...keys].map((key) => acceptor.acceptRequest(form, key)));
  }

  async function waitForBlocked(count: number): Promise<void> {
    for (let blocked = 0; blocked < count; await sleep(POLL_MS)) {
      const rows: unknown[] = await database.dataSource.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      blocked = rows.length;
    }
  }

  it('takes the same keys in any order: neither waits for the other in a circle', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const third = database.dataSource.createQueryRunner();
    await third.startTransaction();
    // Both come as far as the key in the middle.
    await third.query(
      `INSERT INTO mail (id, task_id, idempotency_key, subject, message, created_at)
       VALUES ($1, 'third', 'api:c', '', '', now())`,
      [randomUUID()],
    );
    const accepting = Promise.all([acceptAll(apps[0], keys), acceptAll(apps[1], keys.toReversed())]);
    await waitForBlocked(2);
    // One waits for the third, and the other one for it. If both waited for the third, each would have keys of its own.
    const blockedByThird: unknown = await third.query(
      `SELECT pid FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))`,
    );
    expect(blockedByThird).toHaveLength(1);
    await third.rollbackTransaction();
    await third.release();
    const [there, back] = await accepting;
    const ids = there.slice(1).map((mail) => mail.id);
    expect(back.slice(1).map((mail) => mail.id)).toEqual(ids.toReversed());
    expect(new Set(ids).size).toBe(keys.length);
  });

  it('makes one mail of a task that runs twice, and two of two tasks', async () => {
    const recurringId = randomUUID();
    const form = { email: ['ann@example.com'], subject: 'Menu', msg: 'The same' };
    const runs = ['one', 'one', 'other'].map((taskId, index) =>
      apps[index % apps.length]?.get(MailAcceptor).acceptOfTask(form, recurringKey(recurringId, taskId)),
    );
    const [first, second, third] = await Promise.all(runs);
    expect(second?.id).toBe(first?.id);
    expect([first?.fresh, second?.fresh].toSorted()).toEqual([false, true]);
    expect(third).toMatchObject({ fresh: true });
    expect(third?.id).not.toBe(first?.id);
  });
});
