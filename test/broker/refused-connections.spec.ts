import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RabbitMqBroker, taskTopology, type RabbitMqBrokerOptions } from '@celeriac/tasks';
import { TestCa } from '../fixtures/certificates.js';
import { RecordedLog } from '../fixtures/recorded-log.js';
import { publicationTo } from '../fixtures/task-message.js';
import { TcpProxy } from '../fixtures/tcp-proxy.js';
import { untilReady } from '../fixtures/until-ready.js';
import { freePorts, RabbitMqNode } from '../services/index.js';

/** What the retries of some seconds may not say again. */
const ATTEMPTS = 4;

describe('RabbitMQ', () => {
  let ca: TestCa;
  let node: RabbitMqNode;
  const brokers: RabbitMqBroker[] = [];

  beforeAll(async () => {
    ca = await TestCa.create();
    node = await RabbitMqNode.start({ tls: await ca.sign('localhost') });
  });

  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.close()));
  });

  afterAll(async () => {
    await node.destroy();
    await ca.remove();
  });

  function start(options: Omit<Partial<RabbitMqBrokerOptions>, 'urls'> & { url: string }): {
    broker: RabbitMqBroker;
    log: RecordedLog;
  } {
    const log = new RecordedLog();
    const { url, ...others } = options;
    const broker = new RabbitMqBroker({ urls: [url], topology: taskTopology(['work']), log, ...others });
    brokers.push(broker);
    return { broker, log };
  }

  function urlWith(change: Partial<Pick<URL, 'username' | 'password' | 'pathname' | 'protocol' | 'hostname'>>): string {
    return Object.assign(new URL(node.brokerUrl), change).toString();
  }

  /** Publishes a message and consumes it. */
  async function roundTrip(broker: RabbitMqBroker): Promise<void> {
    const came = new Promise<void>((resolve) => {
      const onDelivery = (delivery: { ack(): void }): void => {
        delivery.ack();
        resolve();
      };
      broker.consume({ queue: 'work', prefetch: 1, onDelivery });
    });
    expect(await broker.publish(publicationTo('work', 'a.0'))).toBe('confirmed');
    await came;
  }

  it('refuses a password: that is said once, and it works as soon as the password is right', async () => {
    await node.ctl('add_user', 'ann', 'another');
    await node.ctl('set_permissions', 'ann', '.*', '.*', '.*');
    const line = await TcpProxy.to(urlWith({ username: 'ann', password: 's3cret' }));
    const { broker, log } = start({ url: line.url });
    const consumer = broker.consume({ queue: 'work', prefetch: 1, onDelivery: () => undefined });
    const told = await log.line(/refuses the login/);
    await line.untilJoined(ATTEMPTS);
    const place = new URL(line.url).host;
    expect(told).toBe(
      `RabbitMQ at ${place} refuses the login as "ann": correct user and password in BROKER_URL. Trying again every 1 s.`,
    );
    expect(log.lines).toEqual([told]);
    expect(`${told} Trying`.startsWith(consumer.trouble ?? 'none')).toBe(true);
    const connected = log.line(/Connected to .*consuming/);
    await node.ctl('change_password', 'ann', 's3cret');
    expect(await connected).toBe(`Connected to RabbitMQ at amqp://ann@${place}/ (consuming).`);
    await untilReady(broker);
    await consumer.close();
    await roundTrip(broker);
    expect(log.warnings).toEqual([told]);
    expect(log.lines.join()).not.toContain('s3cret');
    await broker.close();
    await line.close();
  });

  it('has no such virtual host: it works as soon as there is one', async () => {
    const { broker, log } = start({ url: urlWith({ pathname: '/shop' }) });
    const told = await log.line(/virtual host/);
    expect(told).toContain(
      'does not let "guest" into virtual host "shop": make it (rabbitmqctl add_vhost shop), allow it',
    );
    await node.ctl('add_vhost', 'shop');
    await node.ctl('set_permissions', '-p', 'shop', 'guest', '.*', '.*', '.*');
    await untilReady(broker);
    await roundTrip(broker);
    expect(log.warnings).toEqual([told]);
  });

  it('is not there', async () => {
    const [port] = await freePorts(1);
    const { log } = start({ url: `amqp://localhost:${port}` });
    expect(await log.line(/./)).toBe(
      `Nothing listens at localhost:${port}: start RabbitMQ there, or correct host and port in BROKER_URL. ` +
        'Trying again every 1 s.',
    );
  });

  it('closes the connection, and is away: a line for each, and one when it is back', async () => {
    const { broker, log } = start({ url: node.brokerUrl });
    await untilReady(broker);
    const place = new URL(node.brokerUrl).host;
    const closed = log.nextLine(/closed the connection/);
    await node.ctl('close_all_connections', 'as a test');
    expect(await closed).toBe(`RabbitMQ at ${place} closed the connection: as a test. Connecting again.`);
    await log.nextLine(/Connected/);
    const away = log.nextLine(/Nothing listens/);
    await node.stop();
    await away;
    await node.restart();
    await log.nextLine(/Connected/);
    expect(log.warnings).toEqual([
      await closed,
      `RabbitMQ at ${place} is shutting down. Connecting again.`,
      await away,
    ]);
  });

  it('is short of memory: publishers wait, consumers go on, and both are said', async () => {
    const { broker, log } = start({ url: node.brokerUrl });
    await untilReady(broker);
    const deliveries: string[] = [];
    const came = new Map<string, () => void>();
    const arrival = (id: string): Promise<void> => new Promise((resolve) => came.set(id, resolve));
    const first = arrival('first');
    await broker.publish(publicationTo('work', 'first'));
    await node.ctl('set_vm_memory_high_watermark', '0.0000001');
    const blocked = log.nextLine(/holds publishers back/);
    const second = broker.publish(publicationTo('work', 'second'));
    const secondCame = arrival('second');
    expect(await blocked).toBe(
      'RabbitMQ holds publishers back (low on memory): give it more memory (vm_memory_high_watermark). Messages wait in ' +
        'the outbox until it lets them through.',
    );
    expect(broker.ready).toBe(false);
    const consumer = broker.consume({
      queue: 'work',
      prefetch: 1,
      onDelivery: (delivery) => {
        const id = delivery.message.properties.messageId ?? '';
        deliveries.push(id);
        delivery.ack();
        came.get(id)?.();
      },
    });
    await first;
    expect(deliveries).toEqual(['first']);
    const unblocked = log.nextLine(/lets publishers through/);
    await node.ctl('set_vm_memory_high_watermark', '0.4');
    expect(await unblocked).toBe('RabbitMQ lets publishers through again.');
    expect(await second).toBe('confirmed');
    await secondCame;
    expect(broker.ready).toBe(true);
    await consumer.close();
  });

  describe('with TLS', () => {
    it('is trusted by its CA', async () => {
      const { broker, log } = start({ url: node.tlsBrokerUrl, ca: ca.certificate });
      expect(await log.line(/Connected/)).toMatch(/amqps:\/\/guest@localhost:\d+\/ \(publishing\)/);
      await untilReady(broker);
      await roundTrip(broker);
    });

    it('is not trusted by another CA, or by none', async () => {
      const other = await TestCa.create();
      for (const options of [{ ca: other.certificate }, {}]) {
        const { log } = start({ url: node.tlsBrokerUrl, ...options });
        expect(await log.line(/certificate/)).toContain('is signed by nobody who is trusted here: set BROKER_CA_FILE');
      }
      await other.remove();
    });

    it('has a certificate for another name', async () => {
      const url = node.tlsBrokerUrl.replace('localhost', '127.0.0.1');
      const { log } = start({ url, ca: ca.certificate });
      expect(await log.line(/certificate/)).toContain('does not hold for "127.0.0.1": name the host in');
    });

    it('is at another port', async () => {
      const { log } = start({ url: urlWith({ hostname: 'localhost' }).replace('amqp:', 'amqps:'), ca: ca.certificate });
      expect(await log.line(/./)).toMatch(/^There is no TLS at localhost:\d+: write amqp:\/\//);
    });

    it('is wanted, and not spoken', async () => {
      const { log } = start({ url: node.tlsBrokerUrl.replace('amqps:', 'amqp:') });
      expect(await log.line(/./)).toMatch(/^The connection to localhost:\d+ is closed before .* amqps:\/\/ for a port/);
    });
  });
});
