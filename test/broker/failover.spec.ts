import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RabbitMqBroker, taskTopology, type Delivery } from '@celeriac/tasks';
import { RecordedLog } from '../fixtures/recorded-log.js';
import { publicationTo } from '../fixtures/task-message.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';
import { untilReady } from '../fixtures/until-ready.js';
import { createTestVhost, freePorts, type TestVhost } from '../services/index.js';

/** Two virtual hosts share as little as two nodes that are no cluster. */
describe('several addresses', () => {
  let vhosts: TestVhost[];
  let first: TcpProxy;
  let second: TcpProxy;
  let broker: RabbitMqBroker;
  let log: RecordedLog;

  beforeEach(async () => {
    vhosts = await Promise.all([createTestVhost(), createTestVhost()]);
    [first, second] = (await Promise.all(vhosts.map(({ brokerUrl }) => TcpProxy.to(brokerUrl)))) as [
      TcpProxy,
      TcpProxy,
    ];
    log = new RecordedLog();
  });

  afterEach(async () => {
    await broker.close();
    await Promise.all([first.close(), second.close()]);
    await Promise.all(vhosts.map((vhost) => vhost.drop()));
  });

  function start(...urls: string[]): void {
    broker = new RabbitMqBroker({ urls, topology: taskTopology(['work']), log });
  }

  /** Consumes, and resolves when the first message comes. */
  function consume(): Promise<Delivery> {
    return new Promise((resolve) => broker.consume({ queue: 'work', prefetch: 1, onDelivery: resolve }));
  }

  function placeOf({ url }: TcpProxy): string {
    return new URL(url).host;
  }

  it('are tried in turn, by both connections, and the log says which one it is', async () => {
    const [port] = await freePorts(1);
    start(`amqp://localhost:${port}`, second.url);
    const delivery = consume();
    await untilReady(broker);
    await broker.publish(publicationTo('work', 'a'));
    (await delivery).ack();
    expect(log.warnings).toEqual([
      `Nothing listens at localhost:${port}: start RabbitMQ there, or correct host and port in BROKER_URL. Trying ` +
        `${placeOf(second)} now.`,
    ]);
    const connected = log.lines.filter((line) => line.startsWith('Connected to'));
    expect(connected.filter((line) => line.includes(`@${placeOf(second)}/`))).toHaveLength(2);
  });

  it('one that goes away is tried once more, then the next', async () => {
    start(first.url, second.url);
    const delivery = consume();
    await untilReady(broker);
    await log.line(/Consuming queue/);
    const atSecond = log.nextLine(/Consuming queue/);
    first.refuse();
    await atSecond;
    await untilReady(broker);
    expect(await broker.publish(publicationTo('work', 'a'))).toBe('confirmed');
    (await delivery).ack();
    expect(log.warnings).toEqual([
      `The connection to RabbitMQ at ${placeOf(first)} was cut. Connecting again.`,
      expect.stringMatching(
        new RegExp(`^The connection to ${placeOf(first)} is closed .* Trying ${placeOf(second)} now\\.$`),
      ),
    ]);
  });

  it('are the same for both connections: when one has to go elsewhere, so does the other', async () => {
    start(first.url, second.url);
    await untilReady(broker);
    const delivery = consume();
    await log.line(/Consuming queue/);
    const publishesAtSecond = log.nextLine(new RegExp(`@${placeOf(second)}/.*publishing`));
    first.refuseNew();
    // That of the consumer.
    first.cutNewest();
    await publishesAtSecond;
    await untilReady(broker);
    expect(await broker.publish(publicationTo('work', 'a'))).toBe('confirmed');
    (await delivery).ack();
    expect(log.warnings).toContain(
      `The connection to RabbitMQ at ${placeOf(first)} is given up (another address is used). Connecting again.`,
    );
  });

  it('the last is followed by the first', async () => {
    start(first.url, second.url);
    await untilReady(broker);
    first.refuse();
    await log.nextLine(new RegExp(`Connected to .*@${placeOf(second)}/`));
    first.accept();
    second.refuse();
    await log.nextLine(new RegExp(`Connected to .*@${placeOf(first)}/`));
    await untilReady(broker);
  });
});
