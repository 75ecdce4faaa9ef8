import type { Channel, ChannelModel } from 'amqplib';
import type { Topology } from '../topology.js';
import type { BrokerConnection } from './broker-connection.js';
import type { BrokerLog } from './broker-log.js';
import { describeChannelError } from './describe-channel-error.js';
import { withPatience } from './patience.js';
import type { ToldOnce } from './told-once.js';

const REOPEN_DELAY_MS = 1000;

/** What all channels of a broker have in common. */
export interface ChannelParts {
  connection: BrokerConnection;
  topology: Topology;
  /** A connection on which a channel does not open within this time is given up. */
  patienceMs: number;
  log: BrokerLog;
  told: ToldOnce;
}

export interface KeptChannelOptions<C extends Channel> {
  /** What it is for, as it is called in the log: `consumer of queue "mail"`. */
  subject: string;
  create(connection: ChannelModel): Promise<C>;
  /** Makes a new channel ready: topology, prefetch, consume. */
  prepare(channel: C, connection: ChannelModel): Promise<void>;
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
  private whyClosed: string | null = null;

  constructor(
    private readonly parts: ChannelParts,
    private readonly options: KeptChannelOptions<C>,
  ) {
    parts.connection.onOpen(() => void this.reopen());
    void this.reopen();
  }

  /** The channel, while it is open and prepared. */
  get channel(): C | undefined {
    return this.current;
  }

  /** Why there is no channel, in one line; null while there is one. */
  get trouble(): string | null {
    if (this.current !== undefined) return null;
    return this.parts.connection.trouble ?? this.whyClosed ?? `The ${this.options.subject} is being opened.`;
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
    await withPatience(this.opening);
    await this.closeCurrent();
  }

  /** Without an answer the channel is left behind: it goes with the connection. */
  private async closeCurrent(): Promise<void> {
    const channel = this.current;
    if (channel === undefined) return;
    await withPatience(channel.close());
    this.lost(channel);
  }

  private async reopen(): Promise<void> {
    const { model } = this.parts.connection;
    if (this.opening !== undefined || this.closed || this.current !== undefined || model === undefined) return;
    this.opening = this.openOn(model);
    await this.opening;
    this.opening = undefined;
    // The connection may have been replaced while the channel was being prepared on the old one.
    if (this.parts.connection.model !== model) await this.reopen();
  }

  private async openOn(model: ChannelModel): Promise<void> {
    const { connection, patienceMs, told } = this.parts;
    const patience = setTimeout(() => connection.renew('no channel opens on it'), patienceMs);
    let refusal: unknown;
    try {
      const channel = await this.options.create(model);
      let isClosed = false;
      // The reason of a channel error; the 'close' that follows is what counts.
      channel.on('error', (error: Error) => this.refused((refusal = error)));
      channel.once('close', () => {
        isClosed = true;
        this.lost(channel);
      });
      await this.options.prepare(channel, model);
      if (isClosed) throw new Error('it was closed at once');
      this.current = channel;
      this.whyClosed = null;
      told.forget(this.options.subject);
      this.options.onOpen?.(channel);
    } catch (error) {
      // A connection that is gone says so itself.
      if (connection.model === model) this.refused(refusal ?? error);
      this.reopenLater();
    } finally {
      clearTimeout(patience);
    }
  }

  private refused(error: unknown): void {
    this.whyClosed = describeChannelError(error);
    const { subject } = this.options;
    this.parts.told.warn(subject, `${this.whyClosed} Opening the ${subject} again every second.`);
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
