import { describe, expect, it } from '@jest/globals';
import { BrokerAddress } from './broker-address.js';
import { BrokerAddresses } from './broker-addresses.js';

describe('BrokerAddress', () => {
  it.each<[url: string, printed: string, vhost: string]>([
    ['amqp://localhost', 'amqp://guest@localhost:5672/', '/'],
    ['amqp://guest:guest@localhost:5672//', 'amqp://guest@localhost:5672/', '/'],
    ['amqp://ann:s3cret@rabbit:7000/%2F', 'amqp://ann@rabbit:7000/', '/'],
    ['amqps://ann%40x:s3cret@rabbit/shop', 'amqps://ann@x@rabbit:5671/shop', 'shop'],
    ['amqp://ann:s3cret@[::1]/a%20b', 'amqp://ann@[::1]:5672/a b', 'a b'],
  ])('%s is printed as %s', (url, printed, vhost) => {
    const address = new BrokerAddress(url);
    expect([String(address), address.vhost]).toEqual([printed, vhost]);
  });

  it.each(['', 'rabbit:5672', 'http://ann:s3cret@rabbit', 'amqp://ann:s3cret%zz@rabbit/%zz'])(
    'refuses %j without repeating what may be a password',
    (url) => {
      expect(() => new BrokerAddress(url)).toThrow(
        new TypeError(
          'A RabbitMQ address is not amqp://user:password@host:port/vhost (or amqps://): correct BROKER_URL.',
        ),
      );
    },
  );
});

describe('BrokerAddresses', () => {
  it('goes on to the next address, once for all connections that meet the same fault', () => {
    const addresses = new BrokerAddresses(['amqp://a', 'amqp://b', 'amqp://c']);
    const tried = [addresses.current, addresses.current];
    for (const address of tried) addresses.leave(address);
    expect(addresses.current.place).toBe('b:5672');
    addresses.leave(addresses.current);
    addresses.leave(addresses.current);
    expect(addresses.current.place).toBe('a:5672');
  });

  it('needs one', () => {
    expect(() => new BrokerAddresses([])).toThrow('There is no RabbitMQ address: set BROKER_URL.');
  });
});
