import { In, type DataSource } from 'typeorm';
import type { MailFacts } from '../status/mail-record.js';
import { MailEntity } from '../store/entities/mail.entity.js';
import { OWN_KEYS } from '../store/mail-acceptor.js';
import { inOneSnapshot, readFacts } from '../store/mail-facts.js';
import { FIRST_ID } from '../store/mail-filter.js';

/** So many one statement looks at. */
const SLICE_SIZE = 1000;

/** A mail, and all that says what became of it. */
export interface FoundMail extends MailFacts {
  mail: Pick<MailEntity, 'id' | 'taskId' | 'earlierTaskIds' | 'textRemovedAt' | 'subject'>;
}

/** Which mails are wanted. */
export interface Wanted {
  /** On `mail` and its `task`; a sieve, as those of `MailFilter`. */
  condition: string;
  /** Its parameters, from $4 on. */
  values?: unknown[];
}

const NEXT_SLICE = (condition: string): string => `
  WITH slice AS MATERIALIZED (
    SELECT id FROM mail WHERE text_removed_at IS NULL AND id > $1 ORDER BY id LIMIT $2
  )
  SELECT (SELECT count(*)::int FROM slice) AS size, (SELECT id FROM slice ORDER BY id DESC LIMIT 1) AS end, ARRAY(
    SELECT mail.id FROM slice JOIN mail USING (id) LEFT JOIN task ON task.id = mail.task_id
    WHERE NOT starts_with(mail.idempotency_key, $3) AND ${condition} ORDER BY mail.id
  ) AS ids`;

/**
 * Walks the mails that have their text, oldest first, without the app's own: all that wait, are held, or have ended
 * lately. There are many fewer than mails, and an index has them.
 *
 * @param signal - ends the walk
 */
export async function* mailsWithText(
  dataSource: DataSource,
  { condition, values = [] }: Wanted,
  signal: AbortSignal,
): AsyncGenerator<FoundMail> {
  for (let cursor: string | null = FIRST_ID; cursor !== null;) {
    signal.throwIfAborted();
    const [slice]: Array<{ size: number; end: string | null; ids: string[] }> = await dataSource.query(
      NEXT_SLICE(condition),
      [cursor, SLICE_SIZE, OWN_KEYS, ...values],
    );
    yield* await readMails(dataSource, slice?.ids ?? []);
    cursor = slice?.size === SLICE_SIZE ? slice.end : null;
  }
}

async function readMails(dataSource: DataSource, ids: string[]): Promise<FoundMail[]> {
  if (ids.length === 0) return [];
  return inOneSnapshot(dataSource, async (manager) => {
    const select = { id: true, taskId: true, earlierTaskIds: true, textRemovedAt: true, subject: true };
    const mails = await manager.find(MailEntity, { select, where: { id: In(ids) }, order: { id: 'ASC' } });
    return readFacts(manager, mails, 'with words');
  });
}
