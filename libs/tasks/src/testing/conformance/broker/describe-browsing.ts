import type { BrowseOptions, Delivery } from '../../../broker/broker.js';
import type { TestFramework } from '../test-framework.js';
import { nameOf, type BrokerFixture } from './broker-fixture.js';

/** More than a broker may keep in order by chance. */
const MANY = Array.from({ length: 100 }, (_, index) => String(index));

export function describeBrowsing({ describe, it, expect }: TestFramework, fixture: BrokerFixture): void {
  /** Looks at messages until it has seen the one of this name, and acknowledges those of some names. */
  async function look({ until = '', ack = [], ...change }: Partial<BrowseOptions> & Looker = {}) {
    const deliveries: Delivery[] = [];
    const onDelivery = (delivery: Delivery): boolean => {
      deliveries.push(delivery);
      return nameOf(delivery) !== until;
    };
    const browser = await fixture.broker.browse({ queue: fixture.queue, limit: 1000, ...change, onDelivery });
    for (const delivery of deliveries) if (ack.includes(nameOf(delivery))) delivery.ack();
    return { names: deliveries.map(nameOf), close: () => browser.close() };
  }

  async function lookAndClose(options?: Partial<BrowseOptions> & Looker): Promise<string[]> {
    const { names, close } = await look(options);
    await close();
    return names;
  }

  describe('a look into a queue', () => {
    it('shows its messages in their order, and takes nothing out of it, however often', async () => {
      await fixture.publish(...MANY);
      for (const _time of ['once', 'twice', 'three times']) expect(await lookAndClose()).toEqual(MANY);
      await fixture.publish('new');
      expect(await fixture.consume({ prefetch: 1000 }).until(101)).toEqual([...MANY, 'new']);
    });

    it('shows a message as it was published, with where it came from', async () => {
      const { message } = fixture.publication('[[],{"text":"€"},{}]');
      await fixture.broker.publish({ exchange: '', routingKey: fixture.queue, message });
      const onDelivery: BrowseOptions['onDelivery'] = (delivery) => {
        expect(delivery).toMatchObject({ queue: fixture.queue, exchange: '', routingKey: fixture.queue, alive: true });
        expect(delivery.message.properties).toMatchObject(message.properties);
        expect(delivery.message.headers).toMatchObject(message.headers);
        expect(delivery.message.body.equals(message.body)).toEqual(true);
        return true;
      };
      await (await fixture.broker.browse({ queue: fixture.queue, limit: 1, onDelivery })).close();
    });

    it('sees as many as it may, and no more than it wants', async () => {
      await fixture.publish(...MANY);
      expect(await lookAndClose({ limit: 3 })).toEqual(['0', '1', '2']);
      expect(await lookAndClose({ until: '4' })).toEqual(['0', '1', '2', '3', '4']);
      expect(await lookAndClose()).toEqual(MANY);
    });

    it('forgets what was acknowledged in it, and keeps the others in their order', async () => {
      await fixture.publish(...MANY);
      const isOdd = (name: string): boolean => Number(name) % 2 === 1;
      expect(await lookAndClose({ ack: MANY.filter(isOdd) })).toEqual(MANY);
      expect(await lookAndClose()).toEqual(MANY.filter((name) => !isOdd(name)));
    });

    it('sees nothing in a queue that is empty, or not there', async () => {
      expect(await lookAndClose()).toEqual([]);
      expect(await lookAndClose({ queue: 'no.such.queue' })).toEqual([]);
    });

    it('holds what it sees, until it is closed', async () => {
      await fixture.publish('1', '2', '3');
      const first = await look({ limit: 2 });
      expect(await lookAndClose()).toEqual(['3']);
      await first.close();
      expect((await fixture.consume().until(3)).toSorted()).toEqual(['1', '2', '3']);
    });

    it('gets nothing in place of what it has acknowledged', async () => {
      await fixture.publish('1', '2');
      const { close } = await look({ limit: 1, ack: ['1'] });
      await fixture.untilReady(1);
      await close();
      expect(await lookAndClose()).toEqual(['2']);
    });
  });
}

interface Looker {
  until?: string;
  ack?: readonly string[];
}
