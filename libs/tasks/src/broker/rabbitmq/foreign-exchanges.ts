import type { ChannelModel } from 'amqplib';
import type { Topology } from '../topology.js';

/**
 * Exchanges that are not ours to declare. To publish to one that is not there closes the channel, and everything in
 * flight on it has to be sent again: so it is looked for first, and remembered.
 */
export class ForeignExchanges {
  private readonly ours: ReadonlySet<string>;
  private readonly lookUps = new Map<string, Promise<boolean>>();

  constructor(topology: Topology) {
    // The default exchange is always there.
    this.ours = new Set(['', ...topology.exchanges.map(({ name }) => name)]);
  }

  /** @returns whether the exchange is one that has to be looked for */
  includes(exchange: string): boolean {
    return !this.ours.has(exchange);
  }

  /** Looks for one, unless it was found before. */
  async exists(exchange: string, connection: ChannelModel): Promise<boolean> {
    const known = this.lookUps.get(exchange);
    if (known !== undefined) return known;
    const lookUp = isThere(exchange, connection);
    this.lookUps.set(exchange, lookUp);
    const found = await lookUp;
    if (!found) this.lookUps.delete(exchange);
    return found;
  }

  /** To be called when a channel was closed: an exchange that had been found may be why. */
  forget(): void {
    this.lookUps.clear();
  }
}

/** On a channel of its own: asking for an exchange that is not there closes the channel. */
async function isThere(exchange: string, connection: ChannelModel): Promise<boolean> {
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.checkExchange(exchange);
    await channel.close();
    return true;
  } catch {
    return false;
  }
}
