import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CurrentTrouble } from '../status/waiting.js';

/** `free`: there is no trouble. `probe`: there is, and the caller may try now, alone. `wait`: it is not time yet. */
export type ProbePermit = 'free' | 'probe' | 'wait';

/** For so long a probe belongs to who took it; longer than a send takes with EMAIL_TIMEOUT=30. He must have died then. */
const PROBE_LEASE_SECONDS = 360;
const FIRST_PAUSE_SECONDS = 15;
const LONGEST_PAUSE_SECONDS = 300;

/** What all workers know of a mail server that refuses us: one row, or none. All times are Postgres's. */
@Injectable()
export class MailServerTrouble {
  constructor(private readonly dataSource: DataSource) {}

  async current(): Promise<CurrentTrouble | null> {
    const [trouble] = await this.query<CurrentTrouble>(
      `SELECT problem, advice, since, next_probe_at AS "nextProbeAt" FROM mail_server_trouble`,
    );
    return trouble ?? null;
  }

  /** Of all who ask, one gets the probe that is due. */
  async takeProbe(): Promise<ProbePermit> {
    const [row] = await this.query<{ taken: boolean; troubled: boolean }>(
      `WITH taken AS (
         UPDATE mail_server_trouble SET next_probe_at = now() + $1 * interval '1 second' WHERE next_probe_at <= now()
         RETURNING id
       )
       SELECT EXISTS (SELECT FROM taken) AS taken, EXISTS (SELECT FROM mail_server_trouble) AS troubled`,
      [PROBE_LEASE_SECONDS],
    );
    if (row?.troubled !== true) return 'free';
    return row.taken ? 'probe' : 'wait';
  }

  /**
   * Writes down that the mail server refuses us. Each probe that fails doubles the pause to the next one.
   *
   * @param isProbe - false for a mail that was under way when the trouble began: it changes nothing that is there
   * @returns the seconds to the next probe; null when the trouble was known
   */
  async report(
    { problem, advice }: Pick<CurrentTrouble, 'problem' | 'advice'>,
    isProbe: boolean,
  ): Promise<number | null> {
    const [row] = await this.query<{ pauseSeconds: number }>(
      `INSERT INTO mail_server_trouble AS trouble (problem, advice, since, failed_probes, next_probe_at)
       VALUES ($1, $2, now(), 1, now() + $4 * interval '1 second')
       ON CONFLICT (id) DO UPDATE SET
         problem = excluded.problem, advice = excluded.advice, failed_probes = trouble.failed_probes + 1,
         next_probe_at = now() + least($4 * 2 ^ least(trouble.failed_probes, 10), $5) * interval '1 second'
       WHERE $3
       RETURNING extract(epoch FROM next_probe_at - now())::int AS "pauseSeconds"`,
      [problem, advice, isProbe, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS],
    );
    return row?.pauseSeconds ?? null;
  }

  /** Makes a probe due now. @returns false when there is no trouble */
  async expedite(): Promise<boolean> {
    const rows = await this.query<object>(
      `WITH due AS (UPDATE mail_server_trouble SET next_probe_at = now(), failed_probes = 0 RETURNING id)
       SELECT id FROM due`,
    );
    return rows.length > 0;
  }

  async clear(): Promise<void> {
    await this.query(`DELETE FROM mail_server_trouble`);
  }

  private query<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.dataSource.query(sql, values);
  }
}
