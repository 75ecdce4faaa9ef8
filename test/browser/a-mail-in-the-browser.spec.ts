import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { AppProcess } from '../fixtures/app-process.js';
import { MailApp } from '../fixtures/mail-app.js';
import { openPage } from '../fixtures/open-page.js';
import { launchBrowser } from '../services/index.js';

const PHONE = { width: 360, height: 740 };

describe('a mail in the browser', () => {
  let app: MailApp;
  let web: AppProcess;
  let worker: AppProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    [app, browser] = await Promise.all([MailApp.start(), launchBrowser()]);
    [web, worker] = await Promise.all([app.startWeb({ RATE_LIMIT_PER_MINUTE: '50' }), app.startWorker()]);
  });

  afterAll(async () => {
    await browser.close();
    expect(await Promise.all([web.stop(), worker.stop()])).toEqual([0, 0]);
    await app.stop();
  });

  beforeEach(async () => {
    app.catcher.script = {};
    await open({});
  });

  afterEach(async () => {
    await context.close();
  });

  async function open(options: BrowserContextOptions): Promise<void> {
    ({ context, page, problems } = await openPage(browser, { baseURL: app.url, ...options }));
  }

  async function fill(email: string, message: string): Promise<void> {
    await page.getByLabel('To').fill(email);
    await page.getByLabel('Message').fill(message);
  }

  it('is written, followed and received', async () => {
    const held = app.catcher.hold('mail');
    await page.goto('/');
    await fill('ann@example.com, bob@example.org', 'A <b>bold</b> message');
    await page.getByLabel('Subject').fill('Spring menu');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('heading', { name: 'Thank you!' }).waitFor();
    // It changes by itself: nothing is reloaded from here on.
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }));
    await page.locator('[data-state="sending"]').waitFor();
    await held.reached;
    held.letGo();
    await page.locator('[data-state="sent"]').waitFor();
    expect(await page.evaluate(() => 'notReloaded' in globalThis)).toBe(true);
    const [mail] = await app.catcher.caught(1);
    expect(mail).toMatchObject({
      to: ['ann@example.com', 'bob@example.org'],
      email: { subject: 'Spring menu', from: { address: 'support@example.com' } },
    });
    expect(mail?.email.text?.trimEnd()).toBe('\tA <b>bold</b> message\n\nThank you!');
    expect(mail?.email.html).toContain('A &lt;b&gt;bold&lt;/b&gt; message');
    await page.getByRole('link', { name: 'Send an email again.' }).click();
    await page.waitForURL('/');
    expect(problems).toEqual([]);
  });

  it('works without JavaScript', async () => {
    await context.close();
    await open({ javaScriptEnabled: false });
    await page.goto('/');
    await fill('noscript@example.com', 'No script');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('heading', { name: 'Thank you!' }).waitFor();
    // The page reloads itself until the mail is sent.
    await page.locator('[data-state="sent"]').waitFor();
  });

  it('is sent once after a double click', async () => {
    const before = app.catcher.mails.length;
    await page.goto('/');
    await fill('double@example.com', 'Once only');
    await page.evaluate(() => {
      const form = document.querySelector('form');
      // Twice, as if the first answer had never come.
      const body = new URLSearchParams(new FormData(form as HTMLFormElement) as never);
      return Promise.all([1, 2].map(() => fetch('/sendmail/', { method: 'POST', body })));
    });
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('[data-state="sent"]').waitFor();
    await page.goto('/mails');
    expect(await page.locator('.history-item', { hasText: 'double@example.com' }).count()).toBe(1);
    expect(app.catcher.mails.slice(before).map(({ to }) => to)).toEqual([['double@example.com']]);
  });

  it('keeps the text of a form that was filled in wrongly, and says what is wrong where', async () => {
    await page.goto('/');
    await fill('not an address', 'My long message');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('#error-summary').waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe('My long message');
    expect(await page.getByLabel('To').inputValue()).toBe('not an address');
    expect(await page.getByLabel('To').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#email-error').textContent()).toContain('not an email address');
    await page.getByLabel('To').fill('now@example.com');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('[data-state="sent"]').waitFor();
  });

  it('can be written with the keyboard alone', async () => {
    await page.goto('/');
    await page.getByLabel('To').focus();
    await page.keyboard.type('keys@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Typed');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('[data-state="sent"]').waitFor();
  });

  it.each(['/', '/mails', '/mails/no-such-mail'])('fits a phone: %s', async (path) => {
    await context.close();
    await open({ viewport: PHONE, colorScheme: 'dark' });
    await page.goto(path);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
  });

  it('is not found under an id that is none, or nobody has', async () => {
    for (const path of ['/mails/nonsense', '/mails/01a1fd21-0a51-75e4-9561-7780b3f87326']) {
      const response = await page.goto(path);
      expect(response?.status()).toBe(404);
      expect((await context.request.get(`/api${path}`)).status()).toBe(404);
    }
  });

  it('is refused without the token of a page of ours', async () => {
    const form = { email: 'ann@example.com', msg: 'Hello' };
    expect((await context.request.post('/sendmail/', { form })).status()).toBe(403);
  });

  it('has a content policy that lets nothing foreign in', async () => {
    const response = await page.goto('/');
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('unsafe');
  });
});
