import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deadLetterQueue, defineTask } from '@celeriac/tasks';
import { connect, type GetMessage } from 'amqplib';
import { z } from 'zod';
import { describeWithCelery, InteropHandlers } from '../fixtures/interop-app.js';
import { PythonCelery } from '../fixtures/python-celery.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

/** Of a task that Python runs. Where it goes is its contract's to say, unless the caller says so. */
const pythons = defineTask({ name: 'python.double', input: z.object({}), queue: 'python' });

describeWithCelery("a Python client's canvas", (python) => {
  let app: TaskApp;
  let celery: PythonCelery;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [InteropHandlers], contracts: [pythons] });
    celery = new PythonCelery(python, app.vhost.brokerUrl);
    await celery.startWorker();
  });

  afterAll(async () => {
    await celery.stop();
    await app.drop();
  });

  it('link: the callback gets the result, and is a child of the task', async () => {
    const answer = await celery.run(`
result = add.apply_async((2, 3), link=add.s(10))
answer([result.get(timeout=30), result.id, [child.id for child in result.children]])`);
    const [value, id, children] = answer as [number, string, [string]];
    expect([value, children.length]).toEqual([5, 1]);
    const callback = await app.untilState(children[0], 'SUCCESS');
    expect(callback).toMatchObject({ result: 15, envelope: { headers: { parent_id: id, root_id: id } } });
  });

  it('several callbacks, one immutable: a group', async () => {
    const answer = await celery.run(`
result = add.apply_async((2, 3), link=[add.s(10), add.si(7, 7)])
result.get(timeout=30)
answer([[child.id for child in group.results] for group in result.children])`);
    const [[first, second]] = answer as [[string, string]];
    expect(await app.untilState(first, 'SUCCESS')).toMatchObject({ result: 15 });
    expect(await app.untilState(second, 'SUCCESS')).toMatchObject({ result: 14 });
  });

  it('link_error: the errback gets the id of the task that failed', async () => {
    const answer = await celery.run(`
result = fail.apply_async(("ValueError", "why"), link_error=note.s().set(task_id="errback"))
answer([caught(result), result.id])`);
    const [error, id] = answer as [unknown, string];
    expect(error).toEqual(['ValueError', 'why']);
    expect(await app.untilState('errback', 'SUCCESS')).toMatchObject({ result: id });
  });

  it('chain: Node, Python, Node', async () => {
    const answer = await celery.run(`
last = chain(add.s(2, 3), double.s().set(queue="python"), add.s(1)).apply_async()
answer([last.get(timeout=30), last.parent.get(timeout=30), last.parent.parent.get(timeout=30), last.parent.parent.id,
        last.id])`);
    const [value, middle, first, rootId, lastId] = answer as [number, number, number, string, string];
    expect([value, middle, first]).toEqual([11, 10, 5]);
    // Python sent it: the claim has made the row.
    expect(await app.untilState(lastId, 'SUCCESS')).toMatchObject({ envelope: { headers: { root_id: rootId } } });
  });

  it('chain: Python, Node, Node', async () => {
    const answer = await celery.run(`answer(caught(chain(double.s(4), add.s(1), add.s(1)).apply_async()))`);
    expect(answer).toEqual(['returned', 10]);
  });

  it('chain that fails in the middle: who waits for its end is told', async () => {
    const answer = await celery.run(`
last = chain(add.s(2, 3), fail.si("ValueError", "why"), add.s(1)).apply_async()
last.parent.parent.get(timeout=30)
answer([caught(last), last.state])`);
    expect(answer).toEqual([['ValueError', 'why'], 'FAILURE']);
  });

  it('group at the end of a chain, of both languages', async () => {
    const answer = await celery.run(`
result = chain(add.s(2, 3), group(add.s(10), double.s(), add.s(20))).apply_async()
answer(result.get(timeout=30))`);
    expect(answer).toEqual([15, 10, 25]);
  });

  it('group as a callback, and a chain in it', async () => {
    const answer = await celery.run(`
result = add.apply_async((2, 3), link=group(add.s(1), chain(double.s(), note.s().set(task_id="end"))))
result.get(timeout=30)
answer([child.id for child in result.children[0].results])`);
    const [first] = answer as [string];
    expect(await app.untilState(first, 'SUCCESS')).toMatchObject({ result: 6 });
    expect(await app.untilState('end', 'SUCCESS')).toMatchObject({ result: 10 });
  });

  it('countdown of a callback: it waits in the outbox', async () => {
    await celery.run(
      `answer(add.apply_async((2, 3), link=add.s(1).set(task_id="later", countdown=600)).get(timeout=30))`,
    );
    expect(await app.untilState('later', 'PENDING')).toMatchObject({ wait_reason: 'scheduled' });
    const waits = `SELECT due_at > now() + interval '9 minutes' AS waits FROM outbox WHERE task_id = 'later'`;
    expect(await app.database.dataSource.query(waits)).toEqual([{ waits: true }]);
  });

  it('a callback that cannot be sent is a dead letter, and the task succeeds', async () => {
    const answer = await celery.run(`
answer(caught(publish("odd", [[2, 3], {}, {"callbacks": [{"args": []}], "chord": {"task": "node.note"}}])))`);
    expect(answer).toEqual(['returned', 5]);
    const letter = await nextDeadLetter();
    expect(letter.content.toString()).toBe('{"args":[]}');
    expect(letter.properties.headers).toMatchObject({
      parent_id: 'odd',
      'celeriac-dead-letter-reason': expect.stringContaining('task must be the name of a task'),
    });
    const lines = app.log.filter((line) => line.includes('[odd]'));
    expect(lines).toEqual([
      expect.stringContaining('is part of a chord'),
      expect.stringContaining('cannot be sent'),
      expect.stringContaining('succeeded'),
    ]);
  });

  async function nextDeadLetter(): Promise<GetMessage> {
    const raw = await connect(app.vhost.brokerUrl);
    const channel = await raw.createChannel();
    let message: GetMessage | false = false;
    while (message === false) message = await channel.get(deadLetterQueue('work'), { noAck: true });
    await raw.close();
    return message;
  }
});
