import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AmqpConnectionManager } from 'amqp-connection-manager';
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
import { checkTopology } from '../check-topology.js';
import type { Topology } from '../topology.js';
import type { BrokerLog } from './broker-log.js';
import { isNotFound } from './not-found.js';
import { withPatience } from './patience.js';
import { browseQueue } from './rabbitmq-browser.js';
import { RabbitMqConsumer } from './rabbitmq-consumer.js';
import { RabbitMqPublisher } from './rabbitmq-publisher.js';

// Loaded after the patch has been applied, which an import would not be under every loader (Jest's links first).
const { AmqpConnectionManagerClass } = createRequire(import.meta.url)(
  'amqp-connection-manager',
) as typeof import('amqp-connection-manager');

const HEARTBEAT_SECONDS = 10;
const RECONNECT_SECONDS = 1;
const ANSWER_TIMEOUT_MS = 2000;

const NO_QUEUE: QueueInfo = { exists: false, messages: 0, consumers: 0 };

/** Where RabbitMQ is, and what is declared there. */
export interface RabbitMqBrokerOptions {
  /** One or several `amqp://` or `amqps://` addresses, tried in turn. */
  urls: string[];
  topology: Topology;
  log: BrokerLog;
}

/**
 * RabbitMQ. One connection publishes and another one consumes, so that flow control, which holds back a connection
 * that publishes too fast, never holds back an acknowledgement. The second is made at the first `consume`.
 */
export class RabbitMqBroker implements Broker {
  private readonly publishing: AmqpConnectionManager;
  private readonly publisher: RabbitMqPublisher;
  private readonly consumers: RabbitMqConsumer[] = [];
  private consuming: AmqpConnectionManager | undefined;

  /** @throws {@link InvalidTopologyError} */
  constructor(private readonly options: RabbitMqBrokerOptions) {
    assertInt64PatchActive();
    checkTopology(options.topology);
    this.publishing = this.connect('publishing');
    this.publisher = new RabbitMqPublisher(this.publishing, options.topology, options.log);
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
    const consumer = new RabbitMqConsumer(this.consuming, this.options.topology, options, this.options.log);
    this.consumers.push(consumer);
    return consumer;
  }

  async queueInfo(queue: string): Promise<QueueInfo | null> {
    const connection = this.publishing.connection;
    if (connection === undefined) return null;
    const patience = sleep(ANSWER_TIMEOUT_MS, null, { ref: false });
    const info = lookAtQueue(connection, queue).catch((error: unknown) => (isNotFound(error) ? NO_QUEUE : null));
    return Promise.race([info, patience]);
  }

  browse(options: BrowseOptions): Promise<Browser> {
    // Not where flow control may hold it back: what is in the way may be just what is to be taken out.
    this.consuming ??= this.connect('consuming');
    return browseQueue(this.consuming, options);
  }

  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
    await this.publisher.close();
    await Promise.all([this.publishing, this.consuming].map((connection) => withPatience(connection?.close())));
  }

  private connect(purpose: 'publishing' | 'consuming'): AmqpConnectionManager {
    const { log, urls } = this.options;
    const manager = new AmqpConnectionManagerClass(urls, {
      heartbeatIntervalInSeconds: HEARTBEAT_SECONDS,
      reconnectTimeInSeconds: RECONNECT_SECONDS,
      connectionOptions: { clientProperties: { connection_name: `celeriac ${purpose} ${process.pid}` } },
    });
    let away = false;
    manager.on('connect', () => {
      away = false;
      log.log(`Connected to RabbitMQ (${purpose}).`);
    });
    manager.on('disconnect', ({ err }) => log.warn(`RabbitMQ is away (${purpose}): ${reasonOf(err)}`));
    // Said once for each time it is away, not once a second.
    manager.on('connectFailed', ({ err }) => {
      if (!away) log.warn(`RabbitMQ cannot be reached (${purpose}): ${reasonOf(err)}. Trying again every second.`);
      away = true;
    });
    void manager.connect().catch(() => undefined);
    return manager;
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

/** The error's text, without the address that was tried: it can hold a password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection was closed';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return error.message === '' ? (code ?? error.name) : error.message;
}
