import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formOf } from './forms.js';
import type { AcceptedForm } from './load.js';
import type { PostgresServer } from '../fixtures/postgres-server.js';
import { pageReader, type ShownPage } from './shown-page.js';
import type { SmtpRecord } from './smtp-record.js';
import { judgeMail, type Judge, type MailVerdict } from './verdicts.js';

/** So many pages are loaded at a time. */
const LANES = 16;
/** Of so many bad mails at most everything is written down. */
const MOST_EVIDENCE = 50;

/** A mail, what its page says, and what that is worth. */
export interface VerifiedMail {
  mailId: string;
  recipients: string[];
  page: ShownPage | null;
  verdict: MailVerdict;
}

export interface VerifyOptions {
  seed: number;
  accepted: ReadonlyMap<number, AcceptedForm>;
  webUrls: readonly string[];
  record: SmtpRecord;
  judge: Judge;
}

/** Loads the page of every mail that was accepted, and compares it with what the SMTP server saw. */
export async function verify(options: VerifyOptions): Promise<VerifiedMail[]> {
  const { seed, accepted, webUrls, record, judge } = options;
  const pages = pageReader(webUrls);
  const forms = [...accepted];
  const verified: VerifiedMail[] = [];
  const lanes = Array.from({ length: LANES }, async () => {
    for (let form = forms.pop(); form !== undefined; form = forms.pop()) {
      const [number, { mailId }] = form;
      const { recipients } = formOf(seed, number);
      const page = await pages.load(mailId);
      const verdict = judgeMail(page, recipients, (address) => record.of(address), judge);
      verified.push({ mailId, recipients, page, verdict });
    }
  });
  await Promise.all(lanes).finally(() => pages.close());
  return verified;
}

/** Whether there is anything about a mail that must not be. */
export function isBad({ outcome, wrong, doubled }: MailVerdict): boolean {
  return outcome === 'lost' || wrong.length > 0 || doubled > 0;
}

/** Writes down all that is known of the bad mails: page, SMTP record, rows. */
export async function writeEvidence(
  folder: string,
  bad: readonly VerifiedMail[],
  record: SmtpRecord,
  postgres: PostgresServer,
): Promise<void> {
  const shown = bad.slice(0, MOST_EVIDENCE);
  const rows = await postgres.query<{ id: string; rows: object }>(
    `SELECT mail.id, json_build_object(
       'task', (SELECT to_jsonb(task) - 'envelope' - 'body' FROM task WHERE task.id = mail.task_id),
       'recipients', (SELECT json_agg(r ORDER BY r.position) FROM mail_recipient r WHERE r.mail_id = mail.id),
       'attempts', (SELECT json_agg(a ORDER BY a.number) FROM task_attempt a WHERE a.task_id = mail.task_id),
       'outbox', (SELECT json_agg(to_jsonb(o) - 'envelope' - 'body') FROM outbox o WHERE o.task_id = mail.task_id)
     ) AS rows FROM mail WHERE mail.id = ANY($1::uuid[])`,
    [shown.map(({ mailId }) => mailId)],
  );
  const evidence = shown.map(({ mailId, recipients, page, verdict }) => ({
    mailId,
    page: page && { state: page.state, recipients: Object.fromEntries(page.recipients) },
    verdict,
    smtp: Object.fromEntries(recipients.map((address) => [address, readable(record.of(address))])),
    rows: rows.find(({ id }) => id === mailId)?.rows ?? null,
  }));
  await writeFile(join(folder, 'bad-mails.json'), JSON.stringify(evidence, null, 2));
}

/** With the times of the monotonic clock as the logs have them. */
export function readable(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, item: unknown) =>
      key.endsWith('AtMs') && typeof item === 'number' ? new Date(performance.timeOrigin + item).toISOString() : item,
    ),
  );
}
