import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connect } from 'amqplib';
import { PostgresWorkerStore } from '../../libs/tasks/src/store/postgres/postgres-worker-store.js';
import { foreignRequest, worker } from '../../libs/tasks/src/testing/conformance/store/builders.js';
import { describeWithCelery, InteropHandlers } from '../fixtures/interop-app.js';
import { PythonCelery } from '../fixtures/python-celery.js';
import { startTaskApp, type TaskApp } from '../fixtures/task-app.js';

describeWithCelery('a Python client that waits for results over rpc', (python) => {
  let app: TaskApp;
  let celery: PythonCelery;

  beforeAll(async () => {
    app = await startTaskApp({ providers: [InteropHandlers] });
    celery = new PythonCelery(python, app.vhost.brokerUrl);
  });

  afterAll(() => app.drop());

  it('gets what a handler returns, of positional and of named arguments', async () => {
    const results = await celery.run(`
results = [add.delay(2, 3), add.delay(2, y=5), add.apply_async(kwargs={"x": 1, "y": 1}), note.delay(None),
           note.delay({"deep": [1.5, None, "\\u00e4\\u2028"]})]
answer([result.get(timeout=30) for result in results])`);
    expect(results).toEqual([5, 7, 2, null, { deep: [1.5, null, 'ä\u2028'] }]);
  });

  it('gets an exception as an exception', async () => {
    const answer = await celery.run(`
try:
    fail.delay("ValueError", "why").get(timeout=30)
except ValueError as error:
    raised = error.args
other = fail.delay("MailRefusedError", "why")
answer([raised, caught(other), other.state, "why" in other.traceback, caught(fail.delay("print", "why"))])`);
    expect(answer).toEqual([['why'], ['MailRefusedError', 'why'], 'FAILURE', true, ['print', 'why']]);
  });

  it('hears of input that the contract does not allow', async () => {
    const answer = await celery.run(`
calls = [[1], [1, 2, 3], ["a", 2]]
answer([caught(app.send_task("node.add", args, queue="work")) for args in calls])`);
    const refused = (text: string): unknown => ['InvalidTaskInputError', expect.stringContaining(text)];
    expect(answer).toEqual([refused('y: '), refused('expected at most 2 (x, y), got 3'), refused('x: ')]);
  });

  it('hears that its task has expired', async () => {
    // Without AMQP's time to live, with which the broker itself would drop it without a word.
    const answer = await celery.run(`
result = publish("late", [[2, 3], {}, {}], expires="2026-01-02T03:04:05+00:00")
answer([caught(result), result.state])`);
    expect(answer).toEqual([['TaskRevokedError', 'expired'], 'REVOKED']);
    expect(await app.rowOf('late')).toMatchObject({ state: 'REVOKED' });
  });

  it('hears that its task was revoked while it waited', async () => {
    const answer = celery.run(`answer(caught(add.apply_async((2, 3), countdown=600, task_id="revoked")))`);
    await app.untilRow('revoked', ({ wait_reason }) => wait_reason === 'scheduled');
    await app.tasks.revoke('revoked');
    expect(await answer).toEqual(['TaskRevokedError', 'revoked']);
  });

  it('hears that its task was revoked before it came', async () => {
    await app.tasks.revoke('revoked-before');
    const answer = await celery.run(`answer(caught(add.apply_async((2, 3), task_id="revoked-before")))`);
    expect(answer).toEqual(['TaskRevokedError', 'revoked']);
  });

  it('hears that the worker has died, and so does the errback', async () => {
    const gone = new PostgresWorkerStore(app.database.dataSource, worker('gone'));
    await gone.renewLease(60_000);
    await gone.claim([foreignRequest('lost')]);
    await gone.renewLease(0);
    await gone.close();
    const answer = await celery.run(`
from celery.exceptions import WorkerLostError
try:
    once.apply_async(task_id="lost", link_error=note.s().set(task_id="lost-errback")).get(timeout=30)
except WorkerLostError as error:
    answer(error.args)`);
    expect(answer).toEqual([expect.stringContaining('died')]);
    expect(await app.untilState('lost-errback', 'SUCCESS')).toMatchObject({ result: 'lost' });
  });

  it('hears that its message cannot be read', async () => {
    const answer = await celery.run(`answer(caught(publish("broken", [[2, 3]])))`);
    expect(answer).toEqual(['DeadLetterError', expect.stringContaining('must be an array of exactly three')]);
  });

  it('that wants none of a success gets none, but is told of a failure', async () => {
    const answer = await celery.run(`
quiet = publish("quiet", [[2, 3], {}, {}], ignore_result=True)
failed = publish("failed", [["ValueError", "why"], {}, {}], name="node.fail", ignore_result=True)
answer([caught(failed), caught(add.delay(1, 1)), quiet.state])`);
    expect(answer).toEqual([['ValueError', 'why'], ['returned', 2], 'PENDING']);
    expect(await app.untilState('quiet', 'SUCCESS')).toMatchObject({ result: null });
  });

  it('is forgotten when its queue is gone, without a word', async () => {
    const raw = await connect(app.vhost.brokerUrl);
    const channel = await raw.createChannel();
    channel.publish('', 'work', Buffer.from('[[2,3],{},{}]'), {
      contentType: 'application/json',
      replyTo: 'gone',
      headers: { task: 'node.add', id: 'nobody-waits' },
    });
    await app.untilState('nobody-waits', 'SUCCESS');
    let waiting = 1;
    while (waiting > 0) {
      [{ waiting }] = await app.database.dataSource.query('SELECT count(*)::int AS waiting FROM outbox');
    }
    expect(app.log.filter((line) => /gone|declaring/.test(line))).toEqual([]);
    await raw.close();
  });
});
