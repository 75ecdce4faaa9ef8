import type { PoolClient } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { CHANGES } from '../store/notify-change.js';

const REOPEN_DELAY_MS = 1000;

/**
 * Hears of changed entries from whoever makes them, over a connection of its own. While that is broken, beat looks by
 * itself now and then.
 */
export class ChangeListener {
  private runner: QueryRunner | undefined;
  private client: PoolClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  private opening: Promise<void> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly onChange: () => void,
  ) {}

  start(): void {
    this.opening = this.open();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.opening;
    await this.close();
  }

  private async open(): Promise<void> {
    try {
      this.runner = this.dataSource.createQueryRunner();
      this.client = (await this.runner.connect()) as PoolClient;
      this.client.on('notification', this.onChange);
      this.client.once('end', this.onEnd);
      await this.runner.query(`LISTEN ${CHANGES}`);
      // What was changed while nobody listened.
      this.onChange();
    } catch {
      this.onEnd();
    }
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

  private readonly onEnd = (): void => {
    if (this.stopping || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.opening = this.close().then(() => this.open());
    }, REOPEN_DELAY_MS);
  };
}
