import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RabbitMqBroker, taskTopology, type Consumer, type Delivery } from '@celeriac/tasks';
import { RecordedLog } from '../fixtures/recorded-log.js';
import { SwallowingProxy } from '../fixtures/swallowing-proxy.js';
import { publicationTo } from '../fixtures/task-message.js';
import { untilActive } from '../fixtures/until-active.js';
import { untilReady } from '../fixtures/until-ready.js';
import { createTestVhost, type TestVhost } from '../services/index.js';

const PREFETCH = 2;
/** More than the prefetch: some are ready in the queue while it holds what it has delivered to nobody. */
const MESSAGES = 5;

describe('a consumer that is connected, and gets nothing though there is something', () => {
  let vhost: TestVhost;
  let proxy: SwallowingProxy;
  let sender: RabbitMqBroker;
  let receiver: RabbitMqBroker;
  let log: RecordedLog;
  let consumer: Consumer;
  let received: Promise<void>;
  let broken: Promise<string>;

  beforeEach(async () => {
    vhost = await createTestVhost();
    proxy = await SwallowingProxy.to(vhost.brokerUrl);
    log = new RecordedLog();
    const topology = taskTopology(['work']);
    sender = new RabbitMqBroker({ urls: [vhost.brokerUrl], topology, log: new RecordedLog() });
    receiver = new RabbitMqBroker({ urls: [proxy.url], topology, log, patienceMs: 1000 });
    await untilReady(sender);
  });

  afterEach(async () => {
    await Promise.all([sender.close(), receiver.close()]);
    await proxy.close();
    await vhost.drop();
  });

  function consume(): void {
    const ids = new Set<string>();
    broken = new Promise((onBroken) => {
      received = new Promise((resolve) => {
        const onDelivery = (delivery: Delivery): void => {
          delivery.ack();
          ids.add(delivery.message.properties.messageId ?? '');
          if (ids.size === MESSAGES) resolve();
        };
        consumer = receiver.consume({ queue: 'work', prefetch: PREFETCH, onDelivery, onBroken });
      });
    });
  }

  async function publish(): Promise<void> {
    const ids = Array.from({ length: MESSAGES }, (_, index) => `m.${index}`);
    await Promise.all(ids.map((id) => sender.publish(publicationTo('work', id))));
  }

  /** Consumes with its deliveries swallowed, until a line of the log comes that matches. */
  async function starveUntil(pattern: RegExp): Promise<void> {
    consume();
    await log.line(/Consuming queue/);
    proxy.swallowed = 'deliveries';
    const enough = log.nextLine(pattern).then(() => (proxy.swallowed = 'nothing'));
    await publish();
    await enough;
  }

  it('takes a new channel', async () => {
    await starveUntil(/on a new channel/);
    expect(consumer.active).toBe(false);
    await received;
    await untilActive(consumer);
    expect(log.warnings[0]).toBe(
      'RabbitMQ delivers nothing from queue "work", though it has messages. Consuming it again, on a new channel.',
    );
  });

  it('takes a new connection when a new channel does not help', async () => {
    await starveUntil(/making a new connection/);
    await received;
    await untilActive(consumer);
    expect(log.warnings.slice(1, 3)).toEqual([
      'RabbitMQ delivers nothing from queue "work", though it has messages. A new channel did not help: making a new ' +
        'connection.',
      `The connection to RabbitMQ at ${new URL(proxy.url).host} is given up (queue "work" is not consumed). Connecting again.`,
    ]);
  });

  it('is broken when that does not help either, and goes on trying', async () => {
    await starveUntil(/did not help either/);
    expect(await broken).toBe('RabbitMQ delivers nothing from queue "work", though it has messages.');
    expect(consumer).toMatchObject({ active: false, trouble: 'RabbitMQ delivers nothing from queue "work".' });
    await received;
    await untilActive(consumer);
  });

  it('takes a new connection when no channel opens', async () => {
    consume();
    await log.line(/Consuming queue/);
    const connectsAgain = log.nextLine(/Connected to/);
    proxy.swallowed = 'all channels';
    await log.nextLine(/is given up/);
    proxy.swallowed = 'nothing';
    await connectsAgain;
    await publish();
    await received;
  });
});
