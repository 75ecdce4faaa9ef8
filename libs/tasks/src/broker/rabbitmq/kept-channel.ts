import type { Channel, ChannelModel } from 'amqplib';
import type { AmqpConnectionManager } from 'amqp-connection-manager';
import type { BrokerLog } from './broker-log.js';
import { withPatience } from './patience.js';

const REOPEN_DELAY_MS = 1000;

export interface KeptChannelOptions<C extends Channel> {
  log: BrokerLog;
  create(connection: ChannelModel): Promise<C>;
  /** Makes a new channel ready: topology, prefetch, consume. */
  prepare(channel: C): Promise<void>;
  onOpen?(channel: C): void;
}

/**
 * A channel that is there whenever its connection is: opened and prepared on each new connection, and again when the
 * broker closes the channel alone (a channel error, a deleted queue).
 *
 * amqp-connection-manager connects and reconnects; its ChannelWrapper is not used, since that keeps messages in memory
 * and publishes them again by itself.
 */
export class KeptChannel<C extends Channel> {
  private current: C | undefined;
  private reopenTimer: NodeJS.Timeout | undefined;
  private opening: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly connection: AmqpConnectionManager,
    private readonly options: KeptChannelOptions<C>,
  ) {
    connection.on('connect', () => void this.reopen());
    if (connection.isConnected()) void this.reopen();
  }

  /** The channel, while it is open and prepared. */
  get channel(): C | undefined {
    return this.current;
  }

  /** Closes the channel in hand; another one is opened after a moment. */
  async replace(): Promise<void> {
    await this.closeCurrent();
  }

  /** Resolves when a channel that is just being opened is ready, or has failed. */
  async settled(): Promise<void> {
    await this.opening;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.reopenTimer);
    // A channel that is still being prepared may hold deliveries already: it has to be closed as well.
    await this.opening;
    await this.closeCurrent();
  }

  /** Without an answer, the channel goes with the connection. */
  private async closeCurrent(): Promise<void> {
    await withPatience(this.current?.close());
  }

  private async reopen(): Promise<void> {
    const connection = this.connection.connection;
    if (this.opening !== undefined || this.closed || this.current !== undefined || connection === undefined) return;
    this.opening = this.openOn(connection);
    await this.opening;
    this.opening = undefined;
    // The connection may have been replaced while the channel was being prepared on the old one.
    if (this.connection.connection !== connection) await this.reopen();
  }

  private async openOn(connection: ChannelModel): Promise<void> {
    const { log } = this.options;
    try {
      const channel = await this.options.create(connection);
      // The reason of a channel error; the 'close' that follows is what counts.
      channel.on('error', (error: Error) => log.warn(`RabbitMQ closed a channel: ${error.message}`));
      let isClosed = false;
      channel.once('close', () => {
        isClosed = true;
        this.lost(channel);
      });
      await this.options.prepare(channel);
      if (isClosed) throw new Error('it was closed at once');
      this.current = channel;
      this.options.onOpen?.(channel);
    } catch (error) {
      log.warn(`A channel could not be opened: ${error instanceof Error ? error.message : String(error)}`);
      this.reopenLater();
    }
  }

  private lost(channel: C): void {
    if (this.current !== channel) return;
    this.current = undefined;
    this.reopenLater();
  }

  private reopenLater(): void {
    if (this.closed) return;
    clearTimeout(this.reopenTimer);
    this.reopenTimer = setTimeout(() => void this.reopen(), REOPEN_DELAY_MS);
  }
}
