import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { ReturnedLetter, SendBackVerdict } from '../dead-letter-store.js';
import { NaturalBatch } from '../natural-batch.js';
import { classifyStoreError } from '../store-errors.js';
import { messageColumns, toColumns } from './columns.js';

/** By its generation, or, of another producer's message, by its retries: as the claim tells them. */
const IS_OLD = `
  CASE WHEN input.generation IS NULL THEN locked.generation > 0 OR input.retries <> locked.retries
       ELSE input.generation <> locked.generation END`;

/**
 * Sends dead letters back. The next generation is the fence: of one letter that is sent back twice, since who did so
 * died before it could acknowledge it, or of two that are the same, the second is `stale`. A key is taken anew; one
 * whose holder the snapshot does not show has only just been taken, and so has one that is held by another task when
 * it is written than when it was looked at.
 */
const SEND_BACK = `
  WITH input AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::bytea[], $6::float8[], $7::text[],
                         $8::text[], $9::text[], $10::json[], $11::bytea[]) WITH ORDINALITY
      AS input(outbox_id, id, generation, retries, key, unique_for_ms, end_states, exchange, routing_key, envelope,
               body, place)
  ), locked AS MATERIALIZED (
    SELECT task.id, task.state, task.generation, task.retries, task.expires_at
    FROM task WHERE id IN (SELECT id FROM input) ORDER BY id FOR UPDATE
  ), ruled AS MATERIALIZED (
    SELECT input.*, CASE
        WHEN locked.id IS NULL THEN 'sent'
        WHEN ${IS_OLD} OR row_number() OVER (PARTITION BY input.id, ${IS_OLD} ORDER BY place) > 1
          OR locked.state IN ('STARTED', 'SUCCESS') THEN 'stale'
        WHEN locked.expires_at <= now() THEN 'expired'
        WHEN locked.state = 'REVOKED' OR EXISTS (SELECT FROM revoked_task WHERE task_id = input.id) THEN 'revoked'
        ELSE 'sent'
      END AS ruling
    FROM input LEFT JOIN locked ON locked.id = input.id
  ), keys AS MATERIALIZED (
    SELECT key, task_id FROM unique_task
    WHERE key IN (SELECT key FROM ruled WHERE ruling = 'sent') AND until > now() ORDER BY key FOR UPDATE
  ), judged AS MATERIALIZED (
    SELECT ruled.*, CASE
        WHEN ruling = 'sent' AND key IS NOT NULL AND (
          row_number() OVER (PARTITION BY key, ruling ORDER BY place) > 1 OR EXISTS (
            SELECT FROM keys LEFT JOIN task ON task.id = keys.task_id
            WHERE keys.key = ruled.key AND keys.task_id <> ruled.id AND (task.id IS NULL
              OR task.state NOT IN ('SUCCESS', 'FAILURE', 'REVOKED')
              OR task.state = ANY (string_to_array(ruled.end_states, ',')))
          )
        ) THEN 'duplicate'
        ELSE ruling
      END AS judgement
    FROM ruled
  ), held AS (
    INSERT INTO unique_task (key, task_id, until)
    SELECT key, id, now() + unique_for_ms * interval '1 millisecond'
    FROM judged WHERE judgement = 'sent' AND key IS NOT NULL ORDER BY key
    ON CONFLICT (key) DO UPDATE SET task_id = excluded.task_id, until = excluded.until
    WHERE unique_task.until <= now() OR EXISTS (
      SELECT FROM keys WHERE keys.key = unique_task.key AND keys.task_id = unique_task.task_id
    )
    RETURNING key, task_id
  ), decided AS MATERIALIZED (
    SELECT judged.*, CASE
        WHEN judgement = 'sent' AND judged.key IS NOT NULL AND held.key IS NULL THEN 'duplicate'
        ELSE judgement
      END AS verdict
    FROM judged LEFT JOIN held ON held.key = judged.key AND held.task_id = judged.id
  ), moved AS (
    UPDATE task SET
      state = 'PENDING', generation = task.generation + 1, retries = 0, deaths = 0, result = NULL, error = NULL,
      is_dead_lettered = false, progress = NULL, wait_reason = NULL, due_at = now(), finished_at = NULL, sent_back_at = now(),
      exchange = decided.exchange, routing_key = decided.routing_key, envelope = decided.envelope, body = decided.body
    FROM decided WHERE task.id = decided.id AND decided.verdict = 'sent'
    RETURNING task.id, task.generation
  ), sent AS (
    INSERT INTO outbox (id, task_id, generation, exchange, routing_key, envelope, body, due_at)
    SELECT outbox_id, moved.id, moved.generation, exchange, routing_key, envelope, body, now()
    FROM decided LEFT JOIN moved ON moved.id = decided.id WHERE verdict = 'sent'
  )
  SELECT verdict FROM decided ORDER BY place`;

function sendBackValues(letters: readonly ReturnedLetter[]): unknown[] {
  return toColumns(letters, [
    () => uuidv7(),
    ({ task }) => task?.id ?? null,
    ({ task }) => task?.generation ?? null,
    ({ task }) => task?.retries ?? null,
    ({ unique }) => unique?.key ?? null,
    ({ unique }) => unique?.forMs ?? null,
    ({ unique }) => unique?.endStates.join(',') ?? null,
    ...messageColumns<ReturnedLetter>(({ message }) => message),
  ]);
}

/** Sends dead letters back, many with one statement. */
export class SendBacks {
  private readonly batch: NaturalBatch<ReturnedLetter, SendBackVerdict>;

  constructor(dataSource: DataSource) {
    this.batch = new NaturalBatch({
      whenAway: 'throw',
      flush: async (letters) => {
        const rows: Array<{ verdict: SendBackVerdict }> = await dataSource.query(SEND_BACK, sendBackValues(letters));
        return rows.map(({ verdict }) => verdict);
      },
    });
  }

  write(letters: readonly ReturnedLetter[]): Promise<SendBackVerdict[]> {
    return Promise.all(letters.map((letter) => this.writeOne(letter)));
  }

  private async writeOne(letter: ReturnedLetter): Promise<SendBackVerdict> {
    try {
      return await this.batch.add(letter);
    } catch (error) {
      if (classifyStoreError(error) === 'data') return 'refused';
      throw error;
    }
  }
}
