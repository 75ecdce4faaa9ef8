import { Loop } from '@celeriac/tasks';
import type { PoolClient } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { CHANGES } from '../store/notify-change.js';

/** How often the connection is tried: one that is dead may not say so. */
const TRY_INTERVAL_MS = 5000;
const REOPEN_DELAY_MS = 1000;

/**
 * Hears of changed entries from whoever makes them, over a connection of its own. While that is broken, beat looks by
 * itself now and then.
 */
export class ChangeListener {
  private runner: QueryRunner | undefined;
  private client: PoolClient | undefined;
  private readonly loop = new Loop(() => this.round());

  constructor(
    private readonly dataSource: DataSource,
    private readonly onChange: () => void,
    private readonly tryIntervalMs = TRY_INTERVAL_MS,
  ) {}

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    await this.close();
  }

  /** @returns in how many milliseconds to look after the connection again */
  private async round(): Promise<number> {
    try {
      if (this.runner === undefined) await this.open();
      else await this.runner.query('SELECT');
      return this.tryIntervalMs;
    } catch {
      await this.close();
      return REOPEN_DELAY_MS;
    }
  }

  private async open(): Promise<void> {
    this.runner = this.dataSource.createQueryRunner();
    this.client = (await this.runner.connect()) as PoolClient;
    this.client.on('notification', this.onChange);
    this.client.once('end', this.onEnd);
    await this.runner.query(`LISTEN ${CHANGES}`);
    // What was changed while nobody listened.
    this.onChange();
  }

  /** Gives the connection back as it was. */
  private async close(): Promise<void> {
    const { client, runner } = this;
    this.client = undefined;
    this.runner = undefined;
    client?.off('notification', this.onChange);
    client?.off('end', this.onEnd);
    if (runner === undefined || runner.isReleased) return;
    await runner.query(`UNLISTEN ${CHANGES}`).catch(() => undefined);
    await runner.release();
  }

  private readonly onEnd = (): void => this.loop.wake();
}
