import type { ConfirmChannel } from 'amqplib';
import type { AmqpConnectionManager } from 'amqp-connection-manager';
import { BrokerAwayError } from '../broker-away.error.js';
import type { Publication, Publisher, PublishOutcome } from '../broker.js';
import { routeMessage } from '../routing.js';
import type { Topology } from '../topology.js';
import type { BrokerLog } from './broker-log.js';
import { declareTopology } from './declare-topology.js';
import { toFieldTable } from './field-table.js';
import { ForeignExchanges } from './foreign-exchanges.js';
import { KeptChannel } from './kept-channel.js';

const CHECK_INTERVAL_MS = 1000;

interface Pending {
  sentAtMs: number;
  reject(error: Error): void;
}

/**
 * Publishes with confirms, many in flight at a time. A mandatory message that no queue takes comes back as a
 * `return`, which RabbitMQ sends before the confirm of the same message.
 */
export class RabbitMqPublisher implements Publisher {
  private readonly kept: KeptChannel<ConfirmChannel>;
  private readonly pending = new Set<Pending>();
  /** How often each message id has come back and awaits its confirm. */
  private readonly returned = new Map<string, number>();
  /** Routes of others that have been complained of, once for each channel. */
  private readonly toldRoutes = new Set<string>();
  private readonly foreignExchanges: ForeignExchanges;
  private readonly readyListeners: Array<() => void> = [];
  private readonly timer: NodeJS.Timeout;
  private blocked = false;

  constructor(
    private readonly connection: AmqpConnectionManager,
    private readonly topology: Topology,
    private readonly log: BrokerLog,
    private readonly confirmTimeoutMs = 10_000,
  ) {
    this.foreignExchanges = new ForeignExchanges(topology);
    this.kept = new KeptChannel<ConfirmChannel>(connection, {
      log,
      create: (model) => model.createConfirmChannel(),
      prepare: (channel) => this.prepare(channel),
      onOpen: () => this.tellReady(),
    });
    connection.on('blocked', ({ reason }) => {
      this.blocked = true;
      log.warn(`RabbitMQ holds publishers back (${reason}). Messages wait in the outbox until it lets them through.`);
    });
    connection.on('unblocked', () => this.unblock());
    connection.on('connect', () => this.unblock());
    this.timer = setInterval(() => this.checkConfirms(), CHECK_INTERVAL_MS);
  }

  get ready(): boolean {
    return this.kept.channel !== undefined && !this.blocked;
  }

  get inFlight(): number {
    return this.pending.size;
  }

  onReady(listener: () => void): void {
    this.readyListeners.push(listener);
  }

  async publish(publication: Publication): Promise<PublishOutcome> {
    const channel = this.kept.channel;
    if (channel === undefined) throw new BrokerAwayError('there is no connection');
    const messageId = publication.message.properties.messageId ?? '';
    if (this.foreignExchanges.includes(publication.exchange) && !(await this.exchangeExists(publication))) {
      return this.returnedByOthers(publication);
    }
    await this.confirmed(channel, publication);
    if (!this.takeReturned(messageId)) return 'confirmed';
    const { exchange, routingKey, message } = publication;
    if (routeMessage(this.topology, exchange, routingKey, message.headers).length === 0) {
      return this.returnedByOthers(publication);
    }
    await this.redeclare(channel, publication);
    return 'returned';
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.giveUp('it is being closed');
    await this.kept.close();
  }

  private confirmed(
    channel: ConfirmChannel,
    { exchange, routingKey, mandatory = true, message }: Publication,
  ): Promise<void> {
    const { properties, headers, body } = message;
    return new Promise((resolve, reject) => {
      const options = { ...properties, headers: toFieldTable(headers), mandatory };
      const pending: Pending = { sentAtMs: performance.now(), reject };
      this.pending.add(pending);
      try {
        channel.publish(exchange, routingKey, body, options, (error: unknown) => {
          this.pending.delete(pending);
          if (error === null || error === undefined) resolve();
          else reject(new BrokerAwayError('it did not take the message', { cause: error }));
        });
      } catch (error) {
        this.pending.delete(pending);
        // A closed channel is a broker that is away; anything else (headers that are too large) is the message's fault.
        const isClosed = error instanceof Error && error.name === 'IllegalOperationError';
        reject(isClosed ? new BrokerAwayError('the channel is closed', { cause: error }) : (error as Error));
      }
    });
  }

  private async prepare(channel: ConfirmChannel): Promise<void> {
    this.returned.clear();
    this.toldRoutes.clear();
    this.foreignExchanges.forget();
    channel.on('return', ({ properties }: { properties: { messageId?: string } }) => {
      const messageId = properties.messageId ?? '';
      this.returned.set(messageId, (this.returned.get(messageId) ?? 0) + 1);
    });
    await declareTopology(channel, this.topology);
  }

  private takeReturned(messageId: string): boolean {
    const count = this.returned.get(messageId);
    if (count === undefined) return false;
    if (count > 1) this.returned.set(messageId, count - 1);
    else this.returned.delete(messageId);
    return true;
  }

  private async exchangeExists({ exchange }: Publication): Promise<boolean> {
    const { connection } = this.connection;
    return connection !== undefined && this.foreignExchanges.exists(exchange, connection);
  }

  /** Where others consume, and what they declare, is theirs to say: its messages wait until they have. */
  private returnedByOthers({ exchange, routingKey, mandatory = true }: Publication): PublishOutcome {
    if (!mandatory) return 'confirmed';
    const route = `exchange "${exchange}" and routing key "${routingKey}"`;
    if (!this.toldRoutes.has(route)) {
      this.log.warn(`RabbitMQ has no queue for ${route} yet, which are not ours to declare: their messages wait.`);
    }
    this.toldRoutes.add(route);
    return 'returned';
  }

  private async redeclare(channel: ConfirmChannel, { exchange, routingKey }: Publication): Promise<void> {
    this.log.warn(
      `RabbitMQ has no queue for exchange "${exchange}" and routing key "${routingKey}": declaring ours again.`,
    );
    await declareTopology(channel, this.topology).catch(() => undefined);
  }

  /** A broker that does not confirm is as good as away: the channel goes, and with it all that waits on it. */
  private checkConfirms(): void {
    // Blocked publishers get no confirms; that is flow control, not a fault.
    const [oldest] = this.pending;
    if (oldest === undefined || this.blocked) return;
    if (performance.now() - oldest.sentAtMs < this.confirmTimeoutMs) return;
    this.giveUp(`no confirm within ${this.confirmTimeoutMs} ms`);
    void this.kept.replace();
  }

  private giveUp(reason: string): void {
    const error = new BrokerAwayError(reason);
    for (const pending of this.pending) pending.reject(error);
    this.pending.clear();
  }

  private unblock(): void {
    this.blocked = false;
    // Their confirms are only coming now.
    for (const pending of this.pending) pending.sentAtMs = performance.now();
    this.tellReady();
  }

  private tellReady(): void {
    if (this.ready) for (const listener of this.readyListeners) listener();
  }
}
