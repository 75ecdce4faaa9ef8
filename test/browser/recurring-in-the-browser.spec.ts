import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { openPage } from '../fixtures/open-page.js';
import { startWebPlace, type WebPlace } from '../fixtures/web-app.js';
import { launchBrowser } from '../services/index.js';

const PHONE = { width: 390, height: 844 };

describe('recurring mails in the browser', () => {
  let web: WebPlace;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    [web, browser] = await Promise.all([startWebPlace({ TIME_ZONE: 'Europe/Lisbon' }), launchBrowser()]);
  });

  afterAll(async () => {
    await browser.close();
    expect(await web.drop()).toBe(0);
  });

  beforeEach(() => open());

  afterEach(async () => {
    await context.close();
    expect(problems).toEqual([]);
  });

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    ({ context, page, problems } = await openPage(browser, {
      baseURL: web.url,
      timezoneId: 'Europe/Vienna',
      ...options,
    }));
    context.setDefaultTimeout(20_000);
  }

  /** Fills in the form, to be sent every Monday at 9. */
  async function fill(subject: string): Promise<void> {
    await page.goto('/');
    await page.getByLabel('To').fill('ann@example.com');
    await page.getByLabel('Subject').fill(subject);
    await page.getByLabel('Message').fill('Here it is.');
    await page.getByLabel('Send it').selectOption({ label: 'Every week, on one day' });
    await page.getByLabel('Day of the week').selectOption('Monday');
    await page.getByLabel('Time', { exact: true }).fill('09:00');
  }

  async function add(subject: string): Promise<void> {
    await fill(subject);
    await page.getByRole('button', { name: 'Send repeatedly' }).click();
    await page.getByRole('heading', { name: 'Thank you!' }).waitFor();
  }

  async function visibleFields(): Promise<string[]> {
    const labels = ['Day of the week', 'Day of the month', 'Time', 'Time zone'];
    const visible = await Promise.all(labels.map((label) => page.getByLabel(label, { exact: true }).isVisible()));
    return labels.filter((_label, index) => visible[index]);
  }

  it.each([true, false])(
    'are made, paused, resumed, changed and deleted; with JavaScript: %s',
    async (javaScriptEnabled) => {
      await context.close();
      await open({ javaScriptEnabled });
      await add('Weekly menu');
      const zone = javaScriptEnabled ? 'Europe/Vienna' : 'Europe/Lisbon';
      await page.getByText(/The first one goes out on Monday.* at 09:00/).waitFor();
      await page.getByRole('heading', { name: `Every Monday at 09:00, ${zone}` }).waitFor();

      await page.getByRole('button', { name: 'Pause' }).click();
      await page.locator('.recurring[data-state="paused"]').waitFor();
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.locator('.recurring[data-state="active"]').waitFor();

      await page.getByRole('link', { name: 'Edit' }).click();
      expect(await page.getByLabel('Subject').inputValue()).toBe('Weekly menu');
      expect(await page.getByLabel('Day of the week').inputValue()).toBe('MON');
      expect(await page.getByLabel('Time zone').inputValue()).toBe(zone);
      await page.getByLabel('Subject').fill('Monthly menu');
      await page.getByLabel('Send it').selectOption({ label: 'Every month, on one day' });
      await page.getByLabel('Day of the month').selectOption({ label: 'The last day' });
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('heading', { name: `On the last day of each month at 09:00, ${zone}` }).waitFor();

      await page.getByRole('link', { name: 'Recurring', exact: true }).click();
      await page.getByRole('link', { name: 'Monthly menu' }).click();
      await page.getByRole('link', { name: 'Delete' }).click();
      await page.getByRole('link', { name: 'Keep it' }).click();
      await page.getByRole('link', { name: 'Delete' }).click();
      await page.getByRole('button', { name: 'Delete it' }).click();
      await page.getByText('Nothing here yet').waitFor();
    },
  );

  it('ask for what their choice needs, and the form for a mail at once for nothing of it', async () => {
    await page.goto('/');
    expect(await visibleFields()).toEqual([]);
    expect(await page.getByRole('button', { name: 'Send' }).allTextContents()).toEqual(['Send mail']);
    for (const [choice, fields] of [
      ['daily', ['Time', 'Time zone']],
      ['weekdays', ['Time', 'Time zone']],
      ['weekly', ['Day of the week', 'Time', 'Time zone']],
      ['monthly', ['Day of the month', 'Time', 'Time zone']],
    ] as const) {
      await page.getByLabel('Send it').selectOption(choice);
      expect(await visibleFields()).toEqual(fields);
      expect(await page.getByRole('button', { name: 'Send' }).allTextContents()).toEqual(['Send repeatedly']);
    }
    await page.getByLabel('Send it').selectOption('once');
    expect(await visibleFields()).toEqual([]);
  });

  it('lead to what is wrong, and keep the zone that was typed', async () => {
    await fill('Wrong');
    await page.getByLabel('Time zone').fill('Nowhere');
    await page.getByRole('button', { name: 'Send repeatedly' }).click();
    await page.locator('#error-summary:focus').waitFor();
    expect(await page.getByLabel('Time zone').inputValue()).toBe('Nowhere');
    expect(await page.getByLabel('Time zone').getAttribute('aria-describedby')).toBe('zone-error');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#zone:focus').waitFor();
    await page.getByLabel('Time zone').fill('America/New_York');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Every Monday at 09:00, America/New_York' }).waitFor();
  });

  it('are said to be gone when another tab has deleted them', async () => {
    await add('Two tabs');
    const other = await context.newPage();
    await other.goto(page.url());
    await page.getByRole('link', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.waitForURL('/mails/recurring');
    await other.getByRole('button', { name: 'Pause' }).click();
    await other.getByText('There is no such recurring mail. It may have been deleted').waitFor();
  });

  it('can be made and paused with the keyboard alone', async () => {
    await page.goto('/');
    await page.getByLabel('To').focus();
    for (const text of ['keys@example.com', 'By keys', 'Typed']) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('Every day');
    await page.locator('#repeat:focus').waitFor();
    await page.getByLabel('Time zone').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Every day at 09:00, Europe/Vienna' }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.recurring[data-state="paused"]').waitFor();
  });

  it('fit a phone, in the dark too', async () => {
    await context.close();
    await open({ viewport: PHONE, colorScheme: 'dark' });
    await add(`A subject that is long, and has a word of many letters: ${'x'.repeat(80)}`);
    const path = new URL(page.url()).pathname;
    await web.database.dataSource.query(
      `UPDATE schedule_entry SET problem = 'kwargs.to: ' || repeat('x', 80) WHERE name LIKE 'mail.recurring:%'`,
    );
    for (const each of ['/mails/recurring', path, `${path}/edit`, `${path}/delete`]) {
      await page.goto(each);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
  });
});
