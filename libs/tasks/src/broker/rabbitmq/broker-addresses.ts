import { BrokerAddress } from './broker-address.js';

/**
 * The addresses that a broker may be reached at, in turn. All its connections use the same one: nodes that are no
 * cluster share nothing, so that what is published to one would never be consumed from another.
 */
export class BrokerAddresses {
  private readonly addresses: BrokerAddress[];
  private index = 0;

  /** @throws TypeError when there is none, or one is no address */
  constructor(urls: readonly string[]) {
    this.addresses = urls.map((url) => new BrokerAddress(url));
    if (urls.length === 0) throw new TypeError('There is no RabbitMQ address: set BROKER_URL.');
  }

  get count(): number {
    return this.addresses.length;
  }

  /** The one to connect to. */
  get current(): BrokerAddress {
    return this.addresses[this.index] as BrokerAddress;
  }

  /** Goes on to the next one after this one could not be reached, unless that has been done. */
  leave(address: BrokerAddress): void {
    if (address === this.current) this.index = (this.index + 1) % this.addresses.length;
  }
}
