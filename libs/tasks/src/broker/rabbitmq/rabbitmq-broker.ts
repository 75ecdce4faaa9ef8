import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import { assertInt64PatchActive } from './amqplib-int64-patch.js';
import type {
  Broker,
  Browser,
  BrowseOptions,
  ConsumeOptions,
  Consumer,
  Publication,
  PublishOutcome,
  QueueInfo,
} from '../broker.js';
import { BrokerAwayError } from '../broker-away.error.js';
import { checkTopology } from '../check-topology.js';
import { mergeTopologies, type Topology } from '../topology.js';
import { BrokerAddresses } from './broker-addresses.js';
import { BrokerConnection, type Purpose } from './broker-connection.js';
import type { BrokerLog } from './broker-log.js';
import type { ChannelParts } from './kept-channel.js';
import { isNotFound } from './not-found.js';
import { purgeQueue } from './purge-queue.js';
import { browseQueue } from './rabbitmq-browser.js';
import { RabbitMqConsumer } from './rabbitmq-consumer.js';
import { RabbitMqPublisher } from './rabbitmq-publisher.js';
import { ToldOnce } from './told-once.js';

const PATIENCE_MS = 30_000;
const ANSWER_TIMEOUT_MS = 2000;

const NO_QUEUE: QueueInfo = { exists: false, messages: 0, consumers: 0 };

/** Where RabbitMQ is, and what is declared there. */
export interface RabbitMqBrokerOptions {
  /** One or several `amqp://` or `amqps://` addresses, tried in turn: the nodes of a cluster. */
  urls: string[];
  topology: Topology;
  log: BrokerLog;
  /** For `amqps://`: the certificate (PEM) of the CA that signed RabbitMQ's. @defaultValue those that Node trusts */
  ca?: string;
  /**
   * How long a consumer that gets nothing, though there is something, is given to recover after each remedy: a new
   * channel, a new connection, and then {@link ConsumeOptions.onBroken}. @defaultValue 30000
   */
  patienceMs?: number;
}

/**
 * RabbitMQ. One connection publishes and another one consumes, so that flow control, which holds back a connection
 * that publishes too fast, never holds back an acknowledgement. The second is made at the first `consume`.
 */
export class RabbitMqBroker implements Broker {
  private readonly addresses: BrokerAddresses;
  private readonly told: ToldOnce;
  private readonly publishing: BrokerConnection;
  private readonly publisher: RabbitMqPublisher;
  private readonly consumers: RabbitMqConsumer[] = [];
  private consuming: BrokerConnection | undefined;

  /**
   * @throws {@link InvalidTopologyError}
   * @throws TypeError when a URL is no RabbitMQ address
   */
  constructor(private readonly options: RabbitMqBrokerOptions) {
    assertInt64PatchActive();
    checkTopology(options.topology);
    this.addresses = new BrokerAddresses(options.urls);
    this.told = new ToldOnce(options.log);
    this.publishing = this.connect('publishing');
    this.publisher = new RabbitMqPublisher(this.partsOn(this.publishing));
  }

  get ready(): boolean {
    return this.publisher.ready;
  }

  get inFlight(): number {
    return this.publisher.inFlight;
  }

  onReady(listener: () => void): void {
    this.publisher.onReady(listener);
  }

  publish(publication: Publication): Promise<PublishOutcome> {
    return this.publisher.publish(publication);
  }

  consume(options: ConsumeOptions): Consumer {
    this.consuming ??= this.connect('consuming');
    const topology = mergeTopologies(this.options.topology, options.topology ?? {});
    checkTopology(topology);
    const consumer = new RabbitMqConsumer({ ...this.partsOn(this.consuming), topology }, options);
    this.consumers.push(consumer);
    return consumer;
  }

  async queueInfo(queue: string): Promise<QueueInfo | null> {
    const patience = sleep(ANSWER_TIMEOUT_MS, null, { ref: false });
    // Right after the start nobody knows whether the broker is there.
    await Promise.race([this.publishing.tried, patience]);
    const connection = this.publishing.model;
    if (connection === undefined) return null;
    const info = lookAtQueue(connection, queue).catch((error: unknown) => (isNotFound(error) ? NO_QUEUE : null));
    return Promise.race([info, patience]);
  }

  async purge(queue: string): Promise<number> {
    const { model, trouble } = this.publishing;
    if (model === undefined) throw new BrokerAwayError(trouble ?? 'there is no connection');
    return purgeQueue(model, queue);
  }

  browse(options: BrowseOptions): Promise<Browser> {
    // Not where flow control may hold it back: what is in the way may be just what is to be taken out.
    this.consuming ??= this.connect('consuming');
    return browseQueue(this.consuming, options);
  }

  get product(): string | null {
    const properties = this.publishing.model?.connection.serverProperties;
    return properties === undefined ? null : `${properties.product} ${properties.version}`;
  }

  get trouble(): string | null {
    return this.publisher.trouble;
  }

  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
    await this.publisher.close();
    await Promise.all([this.publishing.close(), this.consuming?.close()]);
  }

  private connect(purpose: Purpose): BrokerConnection {
    const { addresses, told, options } = this;
    const connection = new BrokerConnection(purpose, { addresses, told, ca: options.ca, log: options.log });
    connection.onOpen(() => {
      this.publishing.follow();
      this.consuming?.follow();
    });
    return connection;
  }

  private partsOn(connection: BrokerConnection): ChannelParts {
    const { topology, log, patienceMs = PATIENCE_MS } = this.options;
    return { connection, topology, patienceMs, log, told: this.told };
  }
}

/** On a channel of its own: asking for a queue that is not there closes the channel. */
async function lookAtQueue(connection: ChannelModel, queue: string): Promise<QueueInfo> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  const { messageCount, consumerCount } = await channel.checkQueue(queue);
  await channel.close();
  return { exists: true, messages: messageCount, consumers: consumerCount };
}
