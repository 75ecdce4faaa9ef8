import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mailEventSchema } from '@celeriac/mail';
import { z } from 'zod';
import { sendForm } from '../fixtures/form.js';
import { startWebApp, startWebPlace, type WebApp, type WebPlace } from '../fixtures/web-app.js';

describe('the log of a mail', () => {
  let web: WebPlace;
  let quiet: WebApp;

  beforeAll(async () => {
    web = await startWebPlace({ MAIL_AUDIT_LOG: '1' });
    quiet = await startWebApp(web.database.url);
  });

  afterAll(async () => {
    expect([await quiet.process.stop(), await web.drop()]).toEqual([0, 0]);
  });

  /** A mail that was accepted and, some time later, refused. */
  async function loggedMail(): Promise<string> {
    const id = await sendForm(web.url);
    const recipients = JSON.stringify([{ address: 'ann@example.com', reply: '550 <b>No</b> such user' }]);
    await web.database.dataSource.query(
      `INSERT INTO mail_event (id, mail_id, type, occurred_at, recipients) VALUES
         (gen_random_uuid(), $1, 'mail.refused', '2026-01-31 10:00:05Z', $2),
         (gen_random_uuid(), $1, 'mail.accepted', '2026-01-31 10:00:00Z', '[{"address":"ann@example.com","reply":null}]')`,
      [id, recipients],
    );
    return id;
  }

  const page = async ({ url }: WebApp, id: string): Promise<string> => (await fetch(`${url}/mails/${id}`)).text();

  it('stands on its page, in the order of the events', async () => {
    const html = await page(web, await loggedMail());
    const types = [...html.matchAll(/data-event="([^"]+)"/g)].map(([, type]) => type);
    expect(types).toEqual(['mail.accepted', 'mail.refused']);
    expect(html).toContain('What happened');
    expect(html).toContain('550 &lt;b&gt;No&lt;/b&gt; such user');
  });

  it('says so when nothing has been written down yet', async () => {
    expect(await page(web, await sendForm(web.url))).toContain('Nothing has been written down yet.');
  });

  it('is there for programs', async () => {
    const id = await loggedMail();
    const response = await fetch(`${web.url}/api/mails/${id}/events`);
    const { events } = z.object({ events: z.array(mailEventSchema) }).parse(await response.json());
    expect(events.map(({ type, data: { mailId } }) => [type, mailId])).toEqual([
      ['mail.accepted', id],
      ['mail.refused', id],
    ]);
    expect((await fetch(`${web.url}/api/mails/${randomUUID()}/events`)).status).toBe(404);
  });

  it('is described with the API', async () => {
    const document = (await (await fetch(`${web.url}/api/docs-json`)).json()) as {
      paths: Record<string, Record<string, { responses: Record<string, { content: object }> }>>;
    };
    const { content } = document.paths['/api/mails/{id}/events']?.['get']?.responses['200'] ?? {};
    expect(content).toEqual({ 'application/json': { schema: { $ref: '#/components/schemas/MailEvents' } } });
  });

  it('is nowhere while it is off', async () => {
    const id = await loggedMail();
    expect(await page(quiet, id)).not.toContain('What happened');
    // What stands there then takes decisions, and has no such one.
    expect((await fetch(`${quiet.url}/api/mails/${id}/events`)).status).toBe(405);
  });
});
