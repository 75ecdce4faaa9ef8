import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MailApp } from '../fixtures/mail-app.js';

/** A web app that is killed (-9) while a mail of it is on its way to RabbitMQ, or behind a form. */
describe('a mail whose web app is killed', () => {
  let app: MailApp;

  beforeAll(async () => {
    app = await MailApp.start();
  });

  afterEach(() => app.reset());

  afterAll(() => app.stop());

  it('is sent, when that is between the commit and the publishing', async () => {
    const line = await app.proxyTo('broker');
    const web = await app.startWeb({ BROKER_URL: line.url });
    line.freeze('toServer');
    const id = await app.sendForm();
    await web.stop('SIGKILL');
    line.cut();
    await app.startWeb();
    await app.startWorker();
    await app.setDueIn('0');
    await app.waitForState(id, 'sent');
    await app.probe();
    expect(app.catcher.received).toHaveLength(2);
  });

  it('is sent once, when that is between the publishing and the end of its outbox row', async () => {
    const line = await app.proxyTo('broker');
    const web = await app.startWeb({ BROKER_URL: line.url });
    const worker = await app.startWorker();
    line.freeze('toClient');
    const id = await app.sendForm();
    await app.waitForState(id, 'sent');
    // RabbitMQ has confirmed it, and nobody has heard that.
    await app.until('SELECT 1 FROM outbox');
    await web.stop('SIGKILL');
    await app.startWeb();
    await app.setDueIn('0');
    await app.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM outbox)');
    await app.probe();
    expect(app.catcher.received).toHaveLength(2);
    expect(await worker.stop()).toBe(0);
    expect(await app.messageCount()).toBe(0);
  });

  it('is the same mail, when its form is sent again to another web app', async () => {
    const line = await app.proxyTo('database');
    const web = await app.startWeb({ DATABASE_URL: line.url });
    const form = await app.loadForm();
    const typed = { subject: 'Twice', msg: 'The same text' };
    const committing = line.freezeAt('after', 'INSERT INTO mail ', 'COMMIT');
    const answer = expect(form.send(typed)).rejects.toThrow('fetch failed');
    await committing;
    const { id } = await app.until<{ id: string }>('SELECT id FROM mail');
    await web.stop('SIGKILL');
    await answer;
    await app.startWeb();
    const again = await (await app.loadForm()).send({ ...typed, idempotencyKey: form.idempotencyKey });
    expect(again.status).toBe(303);
    expect(again.headers.get('location')).toBe(`/mails/${id}`);
    await app.startWorker();
    await app.setDueIn('0');
    await app.waitForState(id, 'sent');
    await app.probe();
    expect(app.catcher.subjects).toEqual(['Probe 1', 'Twice']);
  });
});
