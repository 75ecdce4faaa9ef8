import { expect } from '@jest/globals';
import type { FormLoad } from '../fixtures/form-load.js';
import type { MailApp } from '../fixtures/mail-app.js';

/** Waits until every mail has ended, and checks that those of the loads were sent, each once, and are shown as sent. */
export async function expectAllSent(app: MailApp, ...loads: FormLoad[]): Promise<void> {
  await app.allEnded();
  expect(app.catcher.subjects).toEqual(loads.flatMap(({ subjects }) => subjects).toSorted());
  expect(app.catcher.received).toHaveLength(app.catcher.mails.length);
  const ids = loads.flatMap(({ accepted }) => [...accepted.values()]);
  const shown = await Promise.all(ids.map((id) => app.showMail(id)));
  expect(shown.filter(({ state }) => state !== 'sent')).toEqual([]);
}
