import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { BrokerAwayError } from '../broker-away.error.js';
import type { Publication, Publisher, PublishOutcome } from '../broker.js';
import { routeMessage } from '../routing.js';
import { declareTopology } from './declare-topology.js';
import { describeBlocked } from './describe-connection-error.js';
import { toFieldTable } from './field-table.js';
import { ForeignExchanges } from './foreign-exchanges.js';
import { KeptChannel, type ChannelParts } from './kept-channel.js';

const CHECK_INTERVAL_MS = 1000;
const CONFIRM_TIMEOUT_MS = 10_000;

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
  /** Why RabbitMQ holds us back, while it does. */
  private whyBlocked: string | null = null;
  /** Nothing has been confirmed since the last time that a confirm did not come. */
  private unconfirmed = false;

  constructor(private readonly parts: ChannelParts) {
    const { connection, topology } = parts;
    this.foreignExchanges = new ForeignExchanges(topology);
    this.kept = new KeptChannel<ConfirmChannel>(parts, {
      subject: 'publisher',
      create: (model) => model.createConfirmChannel(),
      prepare: (channel, model) => this.prepare(channel, model),
      onOpen: () => this.tellReady(),
    });
    connection.onBlocked((reason) => (reason === null ? this.unblock() : this.block(reason)));
    connection.onOpen(() => this.unblock());
    this.timer = setInterval(() => this.checkConfirms(), CHECK_INTERVAL_MS);
  }

  get ready(): boolean {
    return this.trouble === null;
  }

  /** Why nothing can be published, in one line; null while it can. */
  get trouble(): string | null {
    return this.kept.trouble ?? this.whyBlocked;
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
    if (routeMessage(this.parts.topology, exchange, routingKey, message.headers).length === 0) {
      return this.returnedByOthers(publication);
    }
    await this.redeclare(publication);
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
          this.unconfirmed = false;
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

  private async prepare(channel: ConfirmChannel, model: ChannelModel): Promise<void> {
    this.returned.clear();
    this.toldRoutes.clear();
    this.foreignExchanges.forget();
    channel.on('return', ({ properties }: { properties: { messageId?: string } }) => {
      const messageId = properties.messageId ?? '';
      this.returned.set(messageId, (this.returned.get(messageId) ?? 0) + 1);
    });
    await declareTopology(model, this.parts.topology, this.parts.told);
  }

  private takeReturned(messageId: string): boolean {
    const count = this.returned.get(messageId);
    if (count === undefined) return false;
    if (count > 1) this.returned.set(messageId, count - 1);
    else this.returned.delete(messageId);
    return true;
  }

  private async exchangeExists({ exchange }: Publication): Promise<boolean> {
    const { model } = this.parts.connection;
    return model !== undefined && this.foreignExchanges.exists(exchange, model);
  }

  /** Where others consume, and what they declare, is theirs to say: its messages wait until they have. */
  private returnedByOthers({ exchange, routingKey, mandatory = true }: Publication): PublishOutcome {
    if (!mandatory) return 'confirmed';
    const route = `exchange "${exchange}" and routing key "${routingKey}"`;
    if (!this.toldRoutes.has(route)) {
      this.parts.log.warn(
        `RabbitMQ has no queue for ${route} yet, which are not ours to declare: their messages wait.`,
      );
    }
    this.toldRoutes.add(route);
    return 'returned';
  }

  private async redeclare({ exchange, routingKey }: Publication): Promise<void> {
    const { connection, topology, told, log } = this.parts;
    log.warn(`RabbitMQ has no queue for exchange "${exchange}" and routing key "${routingKey}": declaring ours again.`);
    const { model } = connection;
    if (model !== undefined) await declareTopology(model, topology, told).catch(() => undefined);
  }

  /** A broker that does not confirm is as good as away: the channel goes, the next time the connection. */
  private checkConfirms(): void {
    // Blocked publishers get no confirms; that is flow control, not a fault.
    const [oldest] = this.pending;
    if (oldest === undefined || this.whyBlocked !== null) return;
    if (performance.now() - oldest.sentAtMs < CONFIRM_TIMEOUT_MS) return;
    this.giveUp(`no confirm within ${CONFIRM_TIMEOUT_MS} ms`);
    if (this.unconfirmed) this.parts.connection.renew('nothing is confirmed on it');
    else void this.kept.replace();
    this.unconfirmed = true;
  }

  private giveUp(reason: string): void {
    const error = new BrokerAwayError(reason);
    for (const pending of this.pending) pending.reject(error);
    this.pending.clear();
  }

  private block(reason: string): void {
    this.whyBlocked = describeBlocked(reason);
    this.parts.log.warn(this.whyBlocked);
  }

  private unblock(): void {
    if (this.whyBlocked !== null) this.parts.log.log('RabbitMQ lets publishers through again.');
    this.whyBlocked = null;
    // Their confirms are only coming now.
    for (const pending of this.pending) pending.sentAtMs = performance.now();
    this.tellReady();
  }

  private tellReady(): void {
    if (this.ready) for (const listener of this.readyListeners) listener();
  }
}
