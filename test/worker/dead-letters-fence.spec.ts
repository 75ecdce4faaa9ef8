import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Broker } from '@celeriac/tasks';
import { DataSource } from 'typeorm';
import { BROKER } from '../../libs/tasks/src/tasks.module-definition.js';
import { DeadLetterApp } from '../fixtures/dead-letter-app.js';
import { playedTask, type Part } from '../fixtures/played-task.js';

const played = playedTask();
const single = playedTask({ name: 'test.single', uniqueFor: 3600 });

/** What could go wrong: who sends back dies, is not alone, or has a thousand of them. */
describe('sending back dead letters', () => {
  let fixture: DeadLetterApp;
  /** How often each task was run. */
  const runs = new Map<string, number>();
  const rejectOnce: Part = (task) => {
    const run = (runs.get(task.id) ?? 0) + 1;
    runs.set(task.id, run);
    return run === 1 ? task.reject('not yet') : 'done';
  };

  beforeAll(async () => {
    played.parts.set('reject once', rejectOnce);
    single.parts.set('reject once', rejectOnce);
    const contracts = [played.contract, single.contract];
    const providers = [played.Player, single.Player];
    fixture = await DeadLetterApp.start({ providers, contracts, worker: { concurrency: 50 } });
  });

  afterEach(async () => {
    runs.clear();
    await fixture.letters.discard('work', 'all');
  });

  afterAll(() => fixture.stop());

  async function send(count: number): Promise<string[]> {
    const calls = Array.from({ length: count }, () => ({ input: { part: 'reject once' } }));
    return (await fixture.app.tasks.enqueueMany(played.contract, calls)).map(({ id }) => id);
  }

  async function untilAllDone(ids: readonly string[]): Promise<void> {
    const query = `SELECT count(*)::int AS count FROM task WHERE id = ANY($1) AND state = 'SUCCESS'`;
    for (;;) {
      const [row] = await fixture.app.database.dataSource.query(query, [ids]);
      if (row.count === ids.length) return;
    }
  }

  async function untilAllPublished(): Promise<void> {
    while ((await fixture.app.database.dataSource.query('SELECT FROM outbox')).length > 0);
  }

  /** Sends all back that is there, and dies after it has committed: no acknowledgement arrives. */
  async function sendBackAndDie(): Promise<void> {
    const broker = fixture.app.get<Broker>(BROKER);
    const browse = broker.browse.bind(broker);
    const browsing = jest.spyOn(broker, 'browse').mockImplementation((options) => {
      const onDelivery: typeof options.onDelivery = (delivery) => {
        delivery.ack = () => undefined;
        return options.onDelivery(delivery);
      };
      return browse({ ...options, onDelivery });
    });
    expect(await fixture.sendBack('work')).toEqual(['sent']);
    browsing.mockRestore();
  }

  it('runs a task once whose letter was sent back by who died before it could be acknowledged', async () => {
    const [id = ''] = await send(1);
    const letter = await fixture.untilLetter();
    await sendBackAndDie();
    expect((await fixture.untilLetter()).id).toBe(letter.id);
    expect(await fixture.sendBack('work')).toEqual(['stale']);
    await fixture.app.untilState(id, 'SUCCESS');
    expect(await fixture.sendBack('work')).toEqual(['stale']);
    expect(runs.get(id)).toBe(2);
    expect(await fixture.letters.discard('work', [letter.id])).toMatchObject([{ outcome: 'discarded' }]);
    expect(await fixture.app.rowOf(id)).toMatchObject({ state: 'SUCCESS', generation: 1 });
  });

  it("runs another producer's task once for which the same holds, and which has no row", async () => {
    const generation = { 'celeriac-generation': { '!': 'int32', value: 3 } };
    runs.set('lost', 1);
    fixture.publish('work', '[[],{"part":"reject once"},null]', { task: 'test.played', id: 'lost', ...generation });
    await fixture.untilLetter();
    await sendBackAndDie();
    await fixture.untilLetter();
    await fixture.sendBack('work');
    await fixture.app.untilState('lost', 'SUCCESS');
    await untilAllPublished();
    const [last = ''] = await send(1);
    await fixture.app.untilState(last, 'FAILURE');
    expect(runs.get('lost')).toBe(2);
  });

  it('takes a thousand in a few statements, and says how far it is', async () => {
    const ids = await send(1000);
    await fixture.untilLetters('work', 1000);
    const query = jest.spyOn(fixture.app.get(DataSource), 'query');
    const progress: number[][] = [];
    const handled = await fixture.letters.sendBack('work', 'all', (...told) => void progress.push(told));
    const statements = query.mock.calls.filter(([statement]) => statement.includes('sent_back_at = now()'));
    query.mockRestore();
    expect(handled.map(({ outcome }) => outcome)).toEqual(ids.map(() => 'sent'));
    expect(handled.map(({ taskId }) => taskId).toSorted()).toEqual(ids.toSorted());
    expect(statements.length).toBeLessThanOrEqual(4);
    expect(progress.at(-1)).toEqual([1000, 1000]);
    await untilAllDone(ids);
    expect(ids.every((id) => runs.get(id) === 2)).toBe(true);
    expect(await fixture.letters.list('work')).toEqual([]);
  });

  it('by two at once sends each once', async () => {
    const ids = await send(300);
    await fixture.untilLetters('work', 300);
    const other = await DeadLetterApp.start({ providers: [], worker: null, beside: fixture.app });
    const handled = await Promise.all([fixture, other].map(({ letters }) => letters.sendBack('work', 'all')));
    await other.stop();
    const left = await fixture.letters.sendBack('work', 'all');
    const sent = [...handled.flat(), ...left].filter(({ outcome }) => outcome === 'sent');
    expect(sent.map(({ taskId }) => taskId).toSorted()).toEqual(ids.toSorted());
    await untilAllDone(ids);
    expect(ids.every((id) => runs.get(id) === 2)).toBe(true);
  });

  it('passes over those that stay, however many there are', async () => {
    const ids = await send(600);
    await fixture.untilLetters('work', 600);
    const stale = ids.slice(0, 550);
    await fixture.app.database.dataSource.query('UPDATE task SET generation = 9 WHERE id = ANY($1)', [stale]);
    const outcomes = await fixture.sendBack('work');
    expect(outcomes.filter((outcome) => outcome === 'stale')).toHaveLength(550);
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(50);
    expect((await fixture.letters.counts()).get('work')).toBe(550);
    await untilAllDone(ids.slice(550));
  });

  it('keeps a message as it is that goes round a hundred times', async () => {
    played.parts.set('never', (task) => task.reject('never'));
    const { id } = await fixture.app.tasks.delay(played.contract, { part: 'never' });
    const first = await fixture.untilLetter();
    for (let round = 1; round <= 100; round += 1) {
      expect(await fixture.sendBack('work')).toEqual(['sent']);
      await fixture.untilCount('work', 1);
    }
    const last = await fixture.untilLetter();
    expect(last).toMatchObject({ generation: 100, body: first.body, origin: first.origin, reason: 'never' });
    expect(last.headers).toEqual({ ...first.headers, 'celeriac-generation': 100 });
    expect(await fixture.app.rowOf(id)).toMatchObject({ attempt: 101, deaths: 0, retries: 0 });
  });

  it('does not send a unique task whose key another one holds', async () => {
    const { tasks } = fixture.app;
    const { id } = await tasks.delay(single.contract, { part: 'reject once' });
    await fixture.untilLetter();
    let finish = (): void => undefined;
    single.parts.set('reject once', () => new Promise<void>((resolve) => (finish = resolve)));
    const other = await tasks.delay(single.contract, { part: 'reject once' });
    expect(other.duplicate).toBe(false);
    expect(await fixture.sendBack('work')).toEqual(['duplicate']);
    await fixture.app.untilState(other.id, 'STARTED');
    finish();
    await fixture.app.untilState(other.id, 'SUCCESS');
    expect(await fixture.sendBack('work')).toEqual(['sent']);
    expect(await tasks.delay(single.contract, { part: 'reject once' })).toMatchObject({ id, duplicate: true });
    await fixture.app.untilState(id, 'STARTED');
    finish();
    await fixture.app.untilState(id, 'SUCCESS');
  });

  it('sends none whose task was revoked', async () => {
    const [id = ''] = await send(1);
    await fixture.untilLetter();
    await fixture.app.database.dataSource.query(`UPDATE task SET state = 'REVOKED' WHERE id = $1`, [id]);
    expect(await fixture.sendBack('work')).toEqual(['revoked']);
  });
});
