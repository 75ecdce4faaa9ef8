import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DeadLetterApp } from '../fixtures/dead-letter-app.js';
import { describeWithCelery, InteropHandlers } from '../fixtures/interop-app.js';
import { PythonCelery } from '../fixtures/python-celery.js';

describeWithCelery('dead letters of a Python program', (python) => {
  let fixture: DeadLetterApp;
  let celery: PythonCelery;

  beforeAll(async () => {
    fixture = await DeadLetterApp.start({ providers: [InteropHandlers] });
    celery = new PythonCelery(python, fixture.app.vhost.brokerUrl);
  });

  afterAll(() => fixture.stop());

  it('go back as a Celery client has sent them, under the next generation', async () => {
    await celery.run(
      `answer(app.send_task("node.add", [1], task_id="py", queue="work", headers={"tenant": "acme"}).id)`,
    );
    const letter = await fixture.untilLetter();
    expect(letter).toMatchObject({ taskId: 'py', taskName: 'node.add', generation: null, body: { args: [1] } });
    expect(letter.reason).toMatch(/y: /);
    expect(await fixture.sendBack('work', [letter.id])).toEqual(['sent']);
    const again = await fixture.untilLetter();
    expect(again.headers).toEqual({ ...letter.headers, 'celeriac-generation': 1 });
    expect(again).toMatchObject({ body: letter.body, generation: 1 });
    expect(await fixture.app.rowOf('py')).toMatchObject({ state: 'FAILURE', attempt: 2 });
  });

  it('are what a Python consumer rejects', async () => {
    fixture.publish('idle', '[[2,3],{},null]', { task: 'node.add', id: 'rejected' });
    await celery.run(`
with app.connection() as connection:
    channel = connection.channel()
    message = None
    while message is None:
        message = channel.basic_get("idle")
    channel.basic_reject(message.delivery_tag, requeue=False)
answer("rejected")`);
    const letter = await fixture.untilLetter('idle');
    expect(letter).toMatchObject({ taskId: 'rejected', reason: 'A consumer rejected it.' });
    expect(await fixture.sendBack('idle')).toEqual(['sent']);
    expect((await fixture.next('idle')).content.toString()).toBe('[[2,3],{},null]');
  });
});
