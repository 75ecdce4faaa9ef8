import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { defineBroadcast, defineTask, TaskHandler, UnknownQueueError, type TaskContext } from '@celeriac/tasks';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { DeadLetterApp } from '../fixtures/dead-letter-app.js';
import { playedTask, type Part } from '../fixtures/played-task.js';

const played = playedTask();

/** What the code knows to do; a deployment teaches it more. */
const code = { largest: 10 };
const Picture = z.object({ size: z.number().refine((size) => size <= code.largest, 'too large'), token: z.string() });
const resize = defineTask({ name: 'test.resize', queue: 'work', input: Picture, args: ['size'], secret: ['token'] });
const refresh = defineBroadcast({ name: 'test.refresh', queue: 'work', input: z.object({}) });

@Injectable()
class Resizer {
  @TaskHandler(resize)
  resize({ size }: z.output<typeof Picture>): string {
    return `${size} pixels`;
  }

  @TaskHandler(refresh)
  refresh(_input: unknown, task: TaskContext): string {
    return task.attempt === 1 ? task.reject('not yet') : 'refreshed';
  }
}

describe('dead letters', () => {
  let fixture: DeadLetterApp;

  beforeAll(async () => {
    const contracts = [played.contract, resize];
    fixture = await DeadLetterApp.start({ providers: [played.Player, Resizer], contracts });
  });

  afterEach(async () => {
    code.largest = 10;
    for (const queue of ['work', 'idle']) await fixture.letters.discard(queue, 'all');
  });

  afterAll(() => fixture.stop());

  async function play(part: Part, queue = 'work'): Promise<string> {
    const name = `part ${played.parts.size}`;
    played.parts.set(name, part);
    return (await fixture.app.tasks.applyAsync(played.contract, { part: name }, { queue })).id;
  }

  const rejectOnce: Part = (task) => (task.attempt === 1 ? task.reject('not yet') : `done in run ${task.attempt}`);

  describe('of a task that its handler has rejected', () => {
    it('says what it is of, why it is here, since when, and where it was', async () => {
      const before = Date.now();
      const id = await play(rejectOnce);
      const letter = await fixture.untilLetter();
      expect(letter).toMatchObject({
        queue: 'work',
        taskId: id,
        taskName: 'test.played',
        reason: 'not yet',
        generation: 0,
        origin: { queue: 'work', exchange: 'work', routingKey: 'work' },
        headers: { task: 'test.played', id, retries: 0 },
        body: { args: [], kwargs: { part: expect.stringMatching(/^part/) } },
      });
      expect(letter.diedAt?.getTime()).toBeGreaterThanOrEqual(before - 1000);
      expect(JSON.parse(letter.raw.toString())).toHaveLength(3);
      expect(letter.sizeBytes).toBe(letter.raw.length);
    });

    it('is sent back: the task begins anew, and its attempts stay', async () => {
      const id = await play((task) => {
        if (task.attempt === 1) throw new Error('try again');
        return task.attempt === 2 ? task.reject('not yet') : 'done in run 3';
      });
      expect(await fixture.app.untilState(id, 'FAILURE')).toMatchObject({ retries: 1, generation: 1 });
      const letter = await fixture.untilLetter();
      const handled = await fixture.letters.sendBack('work', [letter.id]);
      expect(handled).toEqual([{ id: letter.id, taskId: id, outcome: 'sent' }]);
      const row = { retries: 0, generation: 2, attempt: 3, error: null, result: 'done in run 3' };
      expect(await fixture.app.untilState(id, 'SUCCESS')).toMatchObject(row);
      expect(await fixture.app.tasks.result(id).attempts()).toMatchObject(
        ['RETRY', 'FAILURE', 'SUCCESS'].map((outcome) => ({ outcome })),
      );
      expect(await fixture.letters.list('work')).toEqual([]);
    });

    it('is discarded: the task stays as it has ended', async () => {
      const id = await play(rejectOnce);
      const letter = await fixture.untilLetter();
      expect(await fixture.letters.discard('work', [letter.id, 'nobody'])).toEqual([
        { id: letter.id, taskId: id, outcome: 'discarded' },
        { id: 'nobody', taskId: null, outcome: 'missing' },
      ]);
      expect(await fixture.letters.list('work')).toEqual([]);
      expect(await fixture.app.rowOf(id)).toMatchObject({ state: 'FAILURE', error: { message: 'not yet' } });
    });

    it('is one of several: those that are not named stay, in their order', async () => {
      const ids = [await play(rejectOnce), await play(rejectOnce), await play(rejectOnce)];
      const letters = await fixture.untilLetters('work', 3);
      const second = letters[1];
      expect(await fixture.sendBack('work', [second?.id ?? ''])).toEqual(['sent']);
      await fixture.app.untilState(second?.taskId ?? '', 'SUCCESS');
      const left = (await fixture.letters.list('work')).map(({ taskId }) => taskId);
      expect(left).toEqual(letters.filter((letter) => letter !== second).map(({ taskId }) => taskId));
      expect(ids.toSorted()).toEqual(letters.map(({ taskId }) => taskId).toSorted());
    });
  });

  it('of input that the code does not know runs when the code does', async () => {
    const headers = { task: 'test.resize', id: 'too-large', kwargsrepr: "{'token': 'xyzzy'}" };
    fixture.publish('work', '[[20],{"token":"xyzzy"},null]', headers);
    const letter = await fixture.untilLetter();
    expect(letter.reason).toMatch(/test\.resize was refused: size: too large/);
    expect(await fixture.sendBack('work')).toEqual(['sent']);
    const again = await fixture.untilLetter();
    expect([again.generation, again.taskId]).toEqual([1, 'too-large']);
    code.largest = 20;
    expect(await fixture.sendBack('work')).toEqual(['sent']);
    const row = { generation: 2, attempt: 3, result: '20 pixels' };
    expect(await fixture.app.untilState('too-large', 'SUCCESS')).toMatchObject(row);
  });

  it('do not show what is secret', async () => {
    const callbacks = [{ task: 'test.resize', kwargs: { token: 'xyzzy' } }];
    const body = JSON.stringify([[20], { token: 'xyzzy' }, { callbacks }]);
    fixture.publish('work', body, { task: 'test.resize', id: 'secret', kwargsrepr: "{'token': 'xyzzy'}" });
    const [letter] = await fixture.untilLetters('work', 1);
    expect(letter?.body).toEqual({ args: [20], kwargs: { token: '***' }, embed: '***' });
    expect(JSON.stringify(letter)).not.toContain('xyzzy');
    expect(letter?.raw.toString()).toContain('xyzzy');
    fixture.publish('work', '{"token":"xyzzy"}', { task: 'test.resize', id: 'odd' });
    const odd = (await fixture.untilLetters('work', 2)).find(({ taskId }) => taskId === 'odd');
    expect([odd?.body, JSON.stringify(odd).includes('xyzzy')]).toEqual(['***', false]);
  });

  it.each([
    ['text', 'Dear Sir or Madam', 'Dear Sir or Madam'],
    ['no text', Buffer.from([0xff, 0xfe, 0x00, 0x80]), null],
  ])('that cannot be decoded, being %s, are shown, and go back as they came', async (_what, body, shown) => {
    fixture.publish('work', body, { 'x-tenant': 'acme', id: 'not-a-task', task: 'test.played' });
    const letter = await fixture.untilLetter();
    expect(letter).toMatchObject({ body: shown, taskId: 'not-a-task', taskName: 'test.played', generation: null });
    expect(letter.raw).toEqual(Buffer.from(body));
    expect(await fixture.letters.get('work', letter.id)).toEqual(letter);
    expect(await fixture.sendBack('work', [letter.id])).toEqual(['sent']);
    const again = await fixture.untilLetter();
    expect(again).toMatchObject({ body: shown, headers: letter.headers });
    expect(again.id).not.toBe(letter.id);
  });

  it("of one worker's run of a broadcast go back to that worker", async () => {
    const { id } = await fixture.app.tasks.broadcast(refresh, {});
    const letter = await fixture.untilLetter();
    expect(letter.taskId).toMatch(new RegExp(`^${id}@`));
    expect(await fixture.sendBack('work')).toEqual(['sent']);
    expect(await fixture.app.untilState(letter.taskId ?? '', 'SUCCESS')).toMatchObject({ result: 'refreshed' });
  });

  it('of a task that has no row run as ones that are new here', async () => {
    const id = await play(rejectOnce);
    await fixture.untilLetter();
    await fixture.app.database.dataSource.query('DELETE FROM task WHERE id = $1', [id]);
    expect(await fixture.sendBack('work')).toEqual(['sent']);
    // It is the first run of what is a new task to this database.
    const letter = await fixture.untilLetter();
    expect(letter).toMatchObject({ taskId: id, generation: null, reason: 'not yet' });
    expect(await fixture.app.rowOf(id)).toMatchObject({ state: 'FAILURE', generation: 0, attempt: 1 });
  });

  it('of a generation that no row knows say so, and run when they are sent back', async () => {
    played.parts.set('stranded', () => 'found');
    const generation = { 'celeriac-generation': { '!': 'int32', value: 3 } };
    fixture.publish('work', '[[],{"part":"stranded"},null]', { task: 'test.played', id: 'lost', ...generation });
    expect(await fixture.untilLetter()).toMatchObject({ reason: expect.stringMatching(/no row/), generation: 3 });
    expect(await fixture.sendBack('work')).toEqual(['sent']);
    expect(await fixture.app.untilState('lost', 'SUCCESS')).toMatchObject({ generation: 0, result: 'found' });
  });

  it('that RabbitMQ has made go back to their queue, the task under its next generation', async () => {
    const id = await play(() => 'done', 'idle');
    await fixture.rejectNext('idle');
    const letter = await fixture.untilLetter('idle');
    expect(letter).toMatchObject({
      id: `${id}.0`,
      taskId: id,
      reason: 'A consumer rejected it.',
      generation: 0,
      origin: { queue: 'idle', exchange: 'idle', routingKey: 'idle' },
    });
    expect(letter.diedAt).toBeInstanceOf(Date);
    expect(await fixture.sendBack('idle')).toEqual(['sent']);
    const message = await fixture.next('idle');
    fixture.ack(message);
    expect(message.properties).toMatchObject({ messageId: `${id}.1`, headers: { 'celeriac-generation': 1 } });
    expect(Object.keys(message.properties.headers ?? {}).filter((name) => /death|dead/.test(name))).toEqual([]);
    expect(await fixture.app.rowOf(id)).toMatchObject({ state: 'PENDING', generation: 1 });
  });

  it("that RabbitMQ has made of another producer's message go back as they came", async () => {
    fixture.publish('idle', '[[1],{},null]', { task: 'py.task', id: 'py-1' });
    await fixture.rejectNext('idle');
    const [letter] = await fixture.untilLetters('idle', 1);
    expect(letter).toMatchObject({ taskId: 'py-1', taskName: 'py.task', generation: null });
    expect(letter?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(await fixture.sendBack('idle', [letter?.id ?? ''])).toEqual(['sent']);
    const message = await fixture.next('idle');
    fixture.ack(message);
    expect(message.content.toString()).toBe('[[1],{},null]');
    const { 'x-delivery-count': _count, ...headers } = message.properties.headers ?? {};
    expect(headers).toEqual({ lang: 'py', retries: 0, task: 'py.task', id: 'py-1' });
  });

  it('that do not say where they came from stay, and so does what Postgres cannot store; the others go', async () => {
    fixture.publish('work.dead_letters', 'lost and found', {}, '');
    fixture.publish('work', '[[],{},null]', { task: 'test.played', id: 'nul\0nul' });
    const id = await play(rejectOnce);
    await fixture.app.untilState(id, 'FAILURE');
    await fixture.untilLetters('work', 3);
    expect((await fixture.sendBack('work')).toSorted()).toEqual(['no_origin', 'refused', 'sent']);
    await fixture.app.untilState(id, 'SUCCESS');
    expect((await fixture.sendBack('work')).toSorted()).toEqual(['no_origin', 'refused']);
  });

  it('are those of a queue that there is', async () => {
    await expect(fixture.letters.list('wrok')).rejects.toThrow(UnknownQueueError);
    await expect(fixture.letters.list('wrok')).rejects.toThrow('named "wrok" here: expected one of work, idle.');
    expect(await fixture.letters.get('work', 'nobody')).toBeUndefined();
    expect(await fixture.letters.counts()).toEqual(
      new Map([
        ['work', 0],
        ['idle', 0],
      ]),
    );
  });
});
