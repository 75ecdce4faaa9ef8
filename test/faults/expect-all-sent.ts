import { expect } from '@jest/globals';
import type { FormLoad } from '../fixtures/form-load.js';
import type { MailApp } from '../fixtures/mail-app.js';

const AT_A_TIME = 20;

/** Waits until every mail has ended, and checks that those of the loads were sent, each once, and are shown as sent. */
export async function expectAllSent(app: MailApp, ...loads: FormLoad[]): Promise<void> {
  await app.allEnded();
  expect(app.catcher.subjects).toEqual(loads.flatMap(({ subjects }) => subjects).toSorted());
  expect(app.catcher.received).toHaveLength(app.catcher.mails.length);
  const ids = loads.flatMap(({ accepted }) => [...accepted.values()]);
  // Not all at once: that would be a load of its own, which may be too much for the database's connections.
  for (let from = 0; from < ids.length; from += AT_A_TIME) {
    const shown = await Promise.all(ids.slice(from, from + AT_A_TIME).map((id) => app.showMail(id)));
    expect(shown.filter(({ state }) => state !== 'sent')).toEqual([]);
  }
}
