import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import type { AmqpConnectionManager } from 'amqp-connection-manager';
import type { ChannelModel } from 'amqplib';
import type { BrokerAddress } from './broker-address.js';
import type { BrokerAddresses } from './broker-addresses.js';
import type { BrokerLog } from './broker-log.js';
import { describeConnectError, describeLostConnection } from './describe-connection-error.js';
import { withPatience } from './patience.js';
import type { ToldOnce } from './told-once.js';

// Loaded after the patch has been applied, which an import would not be under every loader (Jest's links first).
const { AmqpConnectionManagerClass } = createRequire(import.meta.url)(
  'amqp-connection-manager',
) as typeof import('amqp-connection-manager');

const HEARTBEAT_SECONDS = 10;
const RECONNECT_SECONDS = 1;
const CONNECT_TIMEOUT_MS = 10_000;

/** What a connection is used for: one publishes and another one consumes. */
export type Purpose = 'publishing' | 'consuming';

/** What a {@link BrokerConnection} takes. */
export interface BrokerConnectionOptions {
  addresses: BrokerAddresses;
  /** The CA's certificate (PEM) for `amqps://`. @defaultValue those that Node trusts */
  ca?: string;
  log: BrokerLog;
  /** Shared by all connections of a broker: what is wrong with RabbitMQ is told once. */
  told: ToldOnce;
}

/**
 * A connection to RabbitMQ that is made again whenever it is gone, every second until it succeeds. Whatever the reason
 * is, a wrong password too: who mends it should not have to start this process again.
 */
export class BrokerConnection {
  /** Resolves when there is a connection, or each address has been tried once. */
  readonly tried: Promise<void>;
  private readonly manager: AmqpConnectionManager;
  private address: BrokerAddress;
  private whyAway: string;
  private whyRenewed: string | undefined;

  constructor(
    private readonly purpose: Purpose,
    private readonly options: BrokerConnectionOptions,
  ) {
    const { addresses, ca } = options;
    this.address = addresses.current;
    this.whyAway = `RabbitMQ at ${this.address.place} has not answered yet.`;
    this.manager = new AmqpConnectionManagerClass(null, {
      findServers: () => Promise.resolve((this.address = addresses.current).url),
      heartbeatIntervalInSeconds: HEARTBEAT_SECONDS,
      reconnectTimeInSeconds: RECONNECT_SECONDS,
      connectionOptions: {
        timeout: CONNECT_TIMEOUT_MS,
        clientProperties: { connection_name: `celeriac ${purpose} ${process.pid}` },
        ca,
      },
    });
    this.manager.on('connect', () => this.connected());
    this.manager.on('disconnect', ({ err }) => this.lost(err));
    this.manager.on('connectFailed', ({ err }) => this.failed(err));
    this.tried = new Promise((resolve) => {
      let failures = 0;
      this.manager.once('connect', () => resolve());
      this.manager.on('connectFailed', () => {
        failures += 1;
        if (failures === addresses.count) resolve();
      });
    });
    void this.manager.connect().catch(() => undefined);
  }

  /** What channels are opened on, while there is a connection. */
  get model(): ChannelModel | undefined {
    return this.manager.connection;
  }

  /** Why there is no connection, in one line; null while there is one. */
  get trouble(): string | null {
    return this.model === undefined ? this.whyAway : null;
  }

  /** Calls the listener at each new connection. */
  onOpen(listener: () => void): void {
    this.manager.on('connect', listener);
  }

  /** Calls the listener when RabbitMQ begins to hold this connection back, with its reason, and when it ends with null. */
  onBlocked(listener: (reason: string | null) => void): void {
    this.manager.on('blocked', ({ reason }) => listener(reason));
    this.manager.on('unblocked', () => listener(null));
  }

  /**
   * Gives the connection up and makes a new one. Its socket is cut: RabbitMQ may not answer on it any more.
   *
   * @param reason - in a few words: `it delivers nothing`
   */
  renew(reason: string): void {
    if (this.model === undefined) return;
    this.whyRenewed = reason;
    (this.model.connection as unknown as { stream: Duplex }).stream.destroy(new Error(reason));
  }

  /** Goes where the broker's other connection is, when that has found its way to another address. */
  follow(): void {
    if (this.address !== this.options.addresses.current) this.renew('another address is used');
  }

  /** Without an answer it is left alone: the process that closes it ends. */
  async close(): Promise<void> {
    await withPatience(this.manager.close());
  }

  private connected(): void {
    const { told, log } = this.options;
    told.forget(this.address.place);
    log.log(`Connected to RabbitMQ at ${String(this.address)} (${this.purpose}).`);
  }

  private lost(error: unknown): void {
    const { address, whyRenewed } = this;
    this.whyRenewed = undefined;
    const isOurs = whyRenewed !== undefined;
    this.away(
      isOurs
        ? `The connection to RabbitMQ at ${address.place} is given up (${whyRenewed}).`
        : describeLostConnection(error, address),
      'Connecting again.',
    );
  }

  private failed(error: unknown): void {
    const { addresses } = this.options;
    const failed = this.address;
    addresses.leave(failed);
    const next = addresses.current;
    this.away(
      describeConnectError(error, failed),
      next === failed ? `Trying again every ${RECONNECT_SECONDS} s.` : `Trying ${next.place} now.`,
    );
  }

  private away(why: string, whatNext: string): void {
    this.whyAway = why;
    this.options.told.warn(this.address.place, `${why} ${whatNext}`);
  }
}
