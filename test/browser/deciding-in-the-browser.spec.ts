import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { AppProcess } from '../fixtures/app-process.js';
import { MailApp } from '../fixtures/mail-app.js';
import { openPage } from '../fixtures/open-page.js';
import { launchBrowser } from '../services/index.js';

const PHONE = { width: 360, height: 740 };

describe('deciding in the browser', () => {
  let app: MailApp;
  let web: AppProcess;
  let worker: AppProcess | undefined;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    [app, browser] = await Promise.all([MailApp.start(), launchBrowser()]);
    web = await app.startWeb({ RATE_LIMIT_PER_MINUTE: '200' });
  });

  afterAll(async () => {
    await browser.close();
    expect(await web.stop()).toBe(0);
    await app.stop();
  });

  beforeEach(() => open({}));

  afterEach(async () => {
    await context.close();
    await worker?.stop();
    worker = undefined;
  });

  async function open(options: BrowserContextOptions): Promise<void> {
    ({ context, page, problems } = await openPage(browser, { baseURL: app.url, ...options }));
  }

  async function write(email: string, message: string): Promise<void> {
    await page.goto('/');
    await page.getByLabel('To').fill(email);
    await page.getByLabel('Subject').fill('Spring menu');
    await page.getByLabel('Message').fill(message);
    await page.getByRole('button', { name: 'Send mail' }).click();
  }

  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const state = (name: string): Promise<void> => page.locator(`.state[data-state="${name}"]`).waitFor();

  it.each([true, false])('calls a mail off, and sends it all the same (JavaScript: %p)', async (javaScriptEnabled) => {
    await context.close();
    await open({ javaScriptEnabled });
    await write('changed@example.com', `Now or never ${javaScriptEnabled}`);
    await state('queued');
    await page.getByText('No worker that sends mail is running.').waitFor();
    await press('Cancel');
    await state('canceled');
    expect(await page.title()).toMatch(/^Canceled: Spring menu/);
    await press('Send it again');
    await state('queued');
    worker = await app.startWorker({ WORKER_LEASE: '1' });
    await state('sent');
    expect(await page.locator('[data-attempt]').count()).toBe(1);
    expect(await page.title()).toMatch(/^Sent: Spring menu/);
    expect(problems).toEqual([]);
  });

  it('goes on by loading itself when too many pages of one reader follow their mails', async () => {
    await context.clock.install();
    await write('fallback@example.com', 'Loads itself');
    await page.getByText('This page updates by itself.').waitFor();
    const { href } = new URL(page.url());
    await page.goto('/');
    const closing = new AbortController();
    const stream = (): Promise<Response> => fetch(`${href}/events`, { signal: closing.signal });
    // The last one may be refused until the server has seen that the page was left.
    for (let count = 0; count < 50;) if ((await stream()).status === 200) count += 1;
    expect(await (await stream()).text()).toContain('At most 50 open pages');
    await page.goto(href);
    await page.getByText('This page updates every ten seconds.').waitFor();
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }));
    expect((await fetch(href.replace('/mails/', '/api/mails/') + '/cancel', { method: 'POST' })).status).toBe(202);
    await context.clock.fastForward(10_000);
    await state('canceled');
    expect(await page.evaluate(() => 'notReloaded' in globalThis)).toBe(true);
    closing.abort();
    expect(problems).toEqual([]);
  });

  it('has buttons that work in a page that has changed by itself', async () => {
    await write('live@example.com', 'Changes by itself');
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }));
    const { pathname } = new URL(page.url());
    const [{ task_id: taskId }] = (await app.database.dataSource.query('SELECT task_id FROM mail WHERE id = $1', [
      pathname.replace('/mails/', ''),
    ])) as [{ task_id: string }];
    await app.database.dataSource.query(
      `UPDATE task SET state = 'RETRY', wait_reason = 'scheduled', due_at = now() + interval '1 hour',
         error = '{"type":"Error","message":"450 4.2.0 Greylisted","stack":null}' WHERE id = $1`,
      [taskId],
    );
    await state('retrying');
    await page.locator('.state-detail', { hasText: 'Because: 450 4.2.0 Greylisted' }).waitFor();
    expect(await page.locator('.state-next time').textContent()).toContain('(in ');
    expect(await page.evaluate(() => 'notReloaded' in globalThis)).toBe(true);
    await press('Cancel');
    await state('canceled');
    expect(problems).toEqual([]);
  });

  it('says on the page what is too late', async () => {
    await write('late@example.com', 'Too late');
    await state('queued');
    // The page of somebody who has it open still, and has lost its stream.
    await page.route('**/events', (route) => route.abort());
    await page.reload();
    const other = await context.newPage();
    await other.goto(page.url());
    await other.getByRole('button', { name: 'Cancel' }).click();
    await other.locator('.state[data-state="canceled"]').waitFor();
    await press('Cancel');
    await page.getByText('The mail does not wait any more.').waitFor();
    await state('canceled');
    await page.reload();
    await state('canceled');
    expect(await page.getByText('The mail does not wait any more.').count()).toBe(0);
  });

  it('sends a mail again once for two who have its page open', async () => {
    await write('tabs@example.com', 'In two tabs');
    await press('Cancel');
    await state('canceled');
    const other = await context.newPage();
    await other.goto(page.url());
    await press('Send it again');
    await state('queued');
    await press('Cancel');
    await state('canceled');
    // It could be sent again, but not by who has not seen that it was.
    await other.getByRole('button', { name: 'Send it again' }).click();
    await other.getByText('It has been sent again meanwhile.').waitFor();
    await other.locator('.state[data-state="canceled"]').waitFor();
    await other.getByRole('button', { name: 'Send it again' }).click();
    await other.locator('.state[data-state="queued"]').waitFor();
    expect(problems).toEqual([]);
  });

  it('sends the forms of two tabs whose cookies were set at the same time', async () => {
    const other = await context.newPage();
    await page.goto('/');
    await context.clearCookies();
    await other.goto('/');
    for (const tab of [page, other]) {
      await tab.getByLabel('To').fill('at-once@example.com');
      await tab.getByLabel('Message').fill(`At once ${randomUUID()}`);
      await tab.getByRole('button', { name: 'Send mail' }).click();
      await tab.locator('.state[data-state="queued"]').waitFor();
    }
    expect(problems).toEqual([]);
  });

  it('asks before the same is sent again', async () => {
    const message = `Twice ${randomUUID()}`;
    await write('twice@example.com', message);
    await state('queued');
    const first = page.url();
    await write('twice@example.com', message);
    await page.getByRole('heading', { name: /You sent this .* ago/ }).waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe(message);
    expect(await page.getByRole('link', { name: 'see what became of it' }).getAttribute('href')).toBe(
      new URL(first).pathname,
    );
    await press('Send it again');
    await state('queued');
    expect(page.url()).not.toBe(first);
    expect(problems).toEqual([]);
  });

  it('says clearly that 10 MB are too large', async () => {
    await page.goto('/');
    await page.getByLabel('To').fill('large@example.com');
    await page.getByLabel('Message').evaluate((area: HTMLTextAreaElement) => (area.value = 'x'.repeat(10_000_000)));
    await page.getByRole('button', { name: 'Send mail' }).click();
    await page.getByRole('heading', { name: 'That is too large' }).waitFor();
    await page.getByText('A message can have at most 50,000 characters.').waitFor();
  });

  it.each([true, false])('finds mails on a phone (JavaScript: %p)', async (javaScriptEnabled) => {
    await context.close();
    await open({ javaScriptEnabled, viewport: PHONE, colorScheme: 'dark', timezoneId: 'America/New_York' });
    const text = `needle ${randomUUID()}`;
    for (const n of Array.from({ length: 27 }).keys()) await app.sendForm({ msg: `${text} ${n}` });
    await page.goto('/mails');
    await page.getByText('Find mails').click();
    await page.getByLabel('Subject or message').fill(text);
    await page.getByLabel('Recipient').fill('ANN@example');
    await page.getByLabel('Since').fill('2020-01-02T10:00');
    await press('Find');
    await page.getByText(`with “${text}”`).waitFor();
    expect(await page.locator('.history-item').count()).toBe(25);
    await page.getByRole('link', { name: 'Older' }).click();
    await page.waitForURL(/before=/);
    expect(await page.locator('.history-item').count()).toBe(2);
    const zone = new URL(page.url()).searchParams.get('zone');
    expect(zone).toBe(javaScriptEnabled ? 'America/New_York' : 'UTC');
    await page.locator('.filter summary').click();
    expect(await page.getByLabel('Recipient').inputValue()).toBe('ANN@example');
    expect(await page.getByLabel('Since').inputValue()).toBe('2020-01-02T10:00');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.getByLabel('State').selectOption('Sent');
    await press('Find');
    await page.getByText('No mail is like that').waitFor();
    expect(problems).toEqual([]);
  });

  it('tells on the list that the mail server refuses us', async () => {
    await app.database.dataSource.query(
      `INSERT INTO mail_server_trouble (problem, advice, since, failed_probes, next_probe_at)
       VALUES ('535 5.7.8 Wrong password', 'Check EMAIL_HOST_PASSWORD.', now(), 1, now() + interval '1 minute')`,
    );
    await page.goto('/mails');
    const banner = page.locator('#mail-server-trouble');
    expect(await banner.textContent()).toContain('535 5.7.8 Wrong password');
    expect(await banner.textContent()).toContain('Check EMAIL_HOST_PASSWORD.');
    await app.database.dataSource.query('DELETE FROM mail_server_trouble');
    await page.reload();
    expect(await banner.count()).toBe(0);
  });

  it('shows the description of the API, with a try', async () => {
    await page.goto('/api/docs');
    await page.getByText('/api/mails', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table .response-col_status', { hasText: '202' }).waitFor();
    expect(problems).toEqual([]);
  });
});
